"""What is told of an episode, and of all of them."""

import collections
import statistics

import checker

STORIES, STORY_LINES = 2, 14   # of each kind of fault, and lines of each


def told(number, seed, episode, verdict, kinds, took):
    """The episode's line, and below it what was wrong."""
    slowest = f"{max(episode.recoveries):.2f} s" if episode.recoveries else "-"
    lines = [f"episode {number}: seed {seed}, {episode.place.name} on {episode.place.disk.name}, "
             f"{'+'.join(episode.injected) or 'no fault'}, {verdict.posts} posts acknowledged, recovered within {slowest}, {took:.0f} s: "
             f"{', '.join(kinds) or 'clean'}"]
    lines += [f"  {complaint}" for complaint in episode.complaints]
    stories = [fault for kind in checker.KINDS for fault in [f for f in verdict.faults if f.kind == kind][:STORIES]]
    lines += ["  " + fault.story(STORY_LINES).replace("\n", "\n  ") for fault in stories]
    if len(verdict.faults) > len(stories):
        lines.append(f"  and {len(verdict.faults) - len(stories)} more")
    return "\n".join(lines)


class Totals:
    def __init__(self):
        self.verdicts = collections.Counter()   # of episodes
        self.faults = collections.Counter()
        self.recoveries = []
        self.crashes = collections.Counter()    # of nodes, by crash point
        self.changes = self.posts = self.episodes = self.bad = self.promotions = 0

    def add(self, episode, verdict):
        """Returns the kinds of what was wrong with it."""
        kinds = sorted(verdict.kinds | ({"broken"} if episode.complaints else set()))
        self.episodes += 1
        self.bad += bool(kinds)
        self.changes += verdict.acknowledged
        self.posts += verdict.posts
        self.promotions += episode.place.promotions
        self.crashes.update(episode.place.crashes)
        self.faults.update(episode.injected)
        self.recoveries += episode.recoveries
        self.verdicts.update(kinds or ["clean"])
        return kinds

    def print(self):
        print(f"{self.episodes} episodes, {sum(self.faults.values())} faults, {self.posts} posts of {self.changes} changes acknowledged, "
              f"{self.faults['power_loss'] + self.faults['power_loss_in_rewrite']} power losses, {self.promotions} promotions")
        print("faults: " + ", ".join(f"{name} {count}" for name, count in sorted(self.faults.items())))
        if self.crashes:
            print("nodes ended at crash points: " + ", ".join(f"{name} {count}" for name, count in sorted(self.crashes.items())))
        if self.recoveries:
            ordered = sorted(self.recoveries)
            print(f"from a fault's end to full delivery: p50 {statistics.median(ordered):.2f} s, "
                  f"p99 {ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]:.2f} s of {len(ordered)}")
        print("episodes by verdict: " + ", ".join(f"{kind} {count}" for kind, count in sorted(self.verdicts.items())), flush=True)
