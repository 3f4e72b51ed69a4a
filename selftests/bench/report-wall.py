#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""What `make bench-wall` has to say: report-wall.py FILE

Reads lines "kernel RELEASE", "ROUND PROCESSORS CASE SUBJECT VALUE [WHY IT DOES NOT COUNT]", and at last "load AVERAGE
PROCESSORS", how busy the machine was that the virtual one ran on. Readings of one round are
neighbours in time, so they are divided by each other; of these ratios the median counts, and the quartiles say how far to
trust it.
"""

import pathlib
import statistics
import sys

from report import number, table

BASE = "xfrm"


def read(text):
    """{(case, processors): {subject: {round: value}}}, the lines of what failed, and the words of the others."""
    readings, failed, facts = {}, [], {"kernel": ["unknown"]}
    for line in text.splitlines():
        word = line.split(maxsplit=5)
        if word[:1] in (["kernel"], ["load"]):
            facts[word[0]] = word[1:]
        elif len(word) == 6:
            failed.append(line)
        elif len(word) == 5:
            round_, cpus, case, subject, value = word
            readings.setdefault((case, int(cpus)), {}).setdefault(subject, {})[int(round_)] = float(value)
    return readings, failed, facts


def ratios(row, base):
    """Of the rounds that have both."""
    return [value / base[round_] for round_, value in row.items() if base.get(round_)]


def spread(values):
    """Median and quartiles, as text."""
    if not values:
        return ""
    if len(values) == 1:
        return f"{values[0]:.2f}"
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
    return f"{middle:.2f} ({low:.2f}-{high:.2f})"


def columns(readings):
    return [f"{case}, {cpus}" for case, cpus in readings]


def subjects_of(readings):
    return list(dict.fromkeys(subject for rows in readings.values() for subject in rows))


def print_medians(readings):
    print("Medians by the clock, of whatever else this machine did (Gbit a second, or datagrams a second that arrive),\n"
          "by the case and the number of processors:\n")
    table(["", *columns(readings)], [
        [subject] + [number(case, statistics.median(rows[subject].values())) if subject in rows else ""
                     for (case, _), rows in readings.items()]
        for subject in subjects_of(readings)])


def print_against(readings, base):
    print(f"Times as fast as {base} in the same round: median (quartiles):\n")
    table(["", *columns(readings)], [
        [subject] + [spread(ratios(rows.get(subject, {}), rows.get(base, {}))) for rows in readings.values()]
        for subject in subjects_of(readings)])


def print_scaling(readings):
    cases = [case for case, cpus in readings if cpus == 2 and (case, 1) in readings]
    print("Two processors against one in the same round: median (quartiles):\n")
    table(["", *cases], [
        [subject] + [spread(ratios(readings[case, 2].get(subject, {}), readings[case, 1].get(subject, {})))
                     for case in cases]
        for subject in subjects_of(readings)])


def main():
    readings, failed, facts = read(pathlib.Path(sys.argv[1]).read_text())
    if not readings:
        sys.exit("report-wall: nothing was measured")
    rounds = max(round_ for rows in readings.values() for row in rows.values() for round_ in row)
    print(f"\nKernel {facts['kernel'][0]}, {rounds} rounds\n")
    print_medians(readings)
    subjects = subjects_of(readings)
    print_against(readings, BASE if BASE in subjects else subjects[0])
    print_scaling(readings)
    for line in failed:
        print("does not count:", line)
    if "load" in facts and float(facts["load"][0]) > 1.25 * float(facts["load"][1]):
        print(f"PROVISIONAL: this machine had more to do than it could (load {facts['load'][0]} on "
              f"{facts['load'][1]} processors).")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
