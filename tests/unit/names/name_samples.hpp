// Names for tests: common first and last names of Finland, put together by chance, and names with each of the Sámi
// letters.
#pragma once

#include <array>
#include <string>
#include <string_view>

namespace foorumi::names::samples {

inline constexpr std::array<std::string_view, 24> first_names{
    "Aino",  "Maria", "Marja", "Helena", "Johannes", "Juhani", "Antti", "Anita", "Ilmari",  "Olavi", "Elina", "Eliisa",
    "Tapio", "Kari",  "Karri", "Kirsi",  "Åke",      "Göran",  "Märta", "Matti", "Mattias", "Niilo", "Nilla", "Máret"};

inline constexpr std::array<std::string_view, 24> last_names{
    "Korhonen", "Virtanen",  "Mäkinen",  "Mäkelä",   "Makela",   "Nieminen", "Hämäläinen", "Laine",
    "Laitinen", "Heikkinen", "Koskinen", "Koski",    "Järvinen", "Järvelä",  "Lehtonen",   "Lehtinen",
    "Saarinen", "Salminen",  "Heino",    "Heinonen", "Sjöholm",  "Sjöblom",  "Aikio",      "Näkkäläjärvi"};

inline constexpr std::array<std::string_view, 12> further_names{"Šárká Čáhppe",
                                                                "Đuro Žižek",
                                                                "Ŋuvva Ŧiegá",
                                                                "Ǩeeʹmeǩ Ǥåʹlǧǧ",
                                                                "Ǯõʹnn",
                                                                "René d'Arc",
                                                                "Anna-Liisa Ruotsalainen",
                                                                "J. K. Paasi",
                                                                "O'Brien",
                                                                "Ánte Âlgg Õõuti",
                                                                "ʒiõʒʒ À la Mode",
                                                                "J.-P. Oja"};

}  // namespace foorumi::names::samples
