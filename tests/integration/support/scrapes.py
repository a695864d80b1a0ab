"""The server's metrics as Prometheus' own parser (python3-prometheus-client) reads them."""

import http.client
import re

from prometheus_client.parser import text_string_to_metric_families

from . import deadline

LISTENING = re.compile(r"metrics are served on 127\.0\.0\.1 port (\d+)")
ANY_PORT = {"metrics.listen": "127.0.0.1:0"}


def port_of(server):
    return int(LISTENING.findall(server.log())[-1])


def ask(port, method="GET", path="/metrics"):
    """(status, headers with names in lower case, body)"""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=deadline.SECONDS)
    try:
        connection.request(method, path)
        response = connection.getresponse()
        return response.status, {name.lower(): value for name, value in response.getheaders()}, response.read().decode()
    finally:
        connection.close()


class Scrape:
    """One page. Of a counter the parser calls the family by its name without `_total`."""

    def __init__(self, server):
        status, self.headers, self.text = ask(port_of(server))
        assert status == 200, (status, self.text)
        self.families = list(text_string_to_metric_families(self.text))
        self._values = {(s.name, frozenset(s.labels.items())): s.value for family in self.families for s in family.samples}

    def value(self, name, **labels):
        return self._values[name, frozenset(labels.items())]

    def sum(self, name):
        return sum(value for (sample, _), value in self._values.items() if sample == name)


def until(server, name, wanted, **labels):
    """Scrapes until the value is so: a number, or what it has to fulfil. Returns that scrape."""
    fulfils = wanted if callable(wanted) else lambda value: value == wanted

    def reached():
        scrape = Scrape(server)
        return scrape if fulfils(scrape.value(name, **labels)) else None

    return deadline.until(reached, f"{name} {labels or ''} is as it has to be")
