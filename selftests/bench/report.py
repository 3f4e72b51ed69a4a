#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""What `make bench` has to say: report.py FOLDER COMMIT [--save KEPT]

Reads FOLDER/readings, which `all` has written: lines "kernel RELEASE", "cipher seal|open BYTES INSTRUCTIONS" and
"CASE SUBJECT VALUE [WHY IT DOES NOT COUNT]". Prints tables, says what has moved since the figures that the tree keeps,
and leaves figures.json and figures.svg in FOLDER; with --save in KEPT, too, for the next ones to be compared with.

figures.json: {"6.1": {"kernel": ..., "commit": ..., "cipher": {...}, "figures": {CASE: {SUBJECT: VALUE}}}, "6.12": ...}
"""

import argparse
import json
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
STREAMS = ("tcp", "tcp-4", "tcp-nic", "tcp-forward")
GAINS = (*STREAMS, "udp-64")    # of all others less is better
SPEED = {
    **dict.fromkeys(STREAMS, "Gbit"),
    "udp-64": "datagrams",
    "fwd-100": "instr/pkt",
    "fwd-1400": "instr/pkt",
}
LATENCY = {"ping": "instr", "ping-load": "instr"}
PACKETS = {f"packet-{number}": "instr/pkt" for number in (1, 100, 1000, 10000)}
SIZES = {
    f"{what}-{number}": unit
    for what, unit in (("tunnel", "bytes"), ("sa", "bytes"), ("new-tunnel", "instr"), ("new-sa", "instr"))
    for number in (1000, 10000)
}
TABLES = {
    "Gbit and datagrams are those of 10^9 instructions (both ends and all between)": SPEED,
    "An echo and back, over an idle tunnel and beside a TCP stream": LATENCY,
    "Packets of 100 bytes forwarded, each by another of so many tunnels": PACKETS,
    "So many tunnels: what one takes, and an SA with its keyed transform; what making them takes in the kernel": SIZES,
}
UNITS = {**SPEED, **LATENCY, **PACKETS, **SIZES}
MOVED = 0.02
# A full segment in a tunnel of MTU 1400; with its IP and TCP headers (time stamps) and ESP's trailer it is what a
# cipher gets.
SEGMENT = 1348
SEALED = 1404


class Readings:
    def __init__(self, text):
        self.kernel = "unknown"
        self.cipher = {"seal": {}, "open": {}}
        self.figures, self.void = {}, {}
        for line in text.splitlines():
            word = line.split(maxsplit=3)
            if word[:1] == ["kernel"]:
                self.kernel = word[1]
            elif word[:1] == ["cipher"]:
                self.cipher[word[1]][int(word[2])] = int(word[3])
            elif len(word) >= 3 and word[0] in UNITS:
                self.take(*word)

    def take(self, case, subject, value, why=None):
        if why:
            self.void.setdefault(case, {})[subject] = why
        else:
            self.figures.setdefault(case, {})[subject] = float(value)

    def cases(self, units):
        return [case for case in units if case in self.figures or case in self.void]

    def subjects(self, cases):
        every = {}
        for table in self.figures, self.void:
            for case in cases:
                every.update(table.get(case, {}))
        return list(every)

    def series(self):
        return ".".join(self.kernel.split(".")[:2])

    def pair(self, size):
        """Instructions of one seal and one open, between the two lengths that were measured."""
        total = 0
        for costs in self.cipher.values():
            below = max(bytes_ for bytes_ in costs if bytes_ <= size)
            above = min(bytes_ for bytes_ in costs if bytes_ >= size)
            part = (size - below) / (above - below) if above > below else 0
            total += costs[below] + part * (costs[above] - costs[below])
        return total

    def limit(self, case):
        """Gbit in 10^9 instructions, did a tunnel cost nothing but its cipher."""
        plain = self.figures.get(case, {}).get("plain")
        if not plain or not all(self.cipher.values()):
            return None
        return 8 * SEGMENT / (8 * SEGMENT / plain + self.pair(SEALED))


def number(case, value):
    return f"{value:.3f}" if case in STREAMS else f"{value:,.0f}"


def better(case, value, base):
    """How many times better."""
    return value / base if case in GAINS else base / value


def table(head, rows):
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]
    for row in [head, *rows]:
        cells = [row[0].ljust(widths[0])] + [cell.rjust(width) for cell, width in zip(row[1:], widths[1:])]
        print("  ".join(cells).rstrip())
    print()


def cell(readings, case, subject):
    if subject in readings.figures.get(case, {}):
        return number(case, readings.figures[case][subject])
    return readings.void.get(case, {}).get(subject, "").split(":")[0]


def print_figures(readings):
    print(f"\nKernel {readings.kernel}")
    for title, units in TABLES.items():
        cases = readings.cases(units)
        if not cases:
            continue
        rows = [["", *(units[case] for case in cases)]]
        rows += [[subject, *(cell(readings, case, subject) for case in cases)] for subject in readings.subjects(cases)]
        print(f"\n{title}:\n")
        table(["", *cases], rows)
    for case, row in readings.void.items():
        for subject, why in row.items():
            print(f"{case} {subject} does not count: {why}")


def print_ratios(readings):
    bases = {case: row["xfrm"] for case, row in readings.figures.items() if "xfrm" in row}
    cases = [case for case in readings.cases(SPEED) if case in bases]
    if not cases:
        return
    print()
    rows = []
    for subject in readings.subjects(cases):
        row = [readings.figures[case].get(subject) for case in cases]
        rows.append([subject] + [f"{better(case, value, bases[case]):.2f}" if value else ""
                                 for case, value in zip(cases, row)])
    print("Times as good as xfrm:\n")
    table(["", *cases], rows)


def print_limits(readings):
    if all(readings.cipher.values()):
        seal, open_ = (readings.cipher[way].get(1420) for way in ("seal", "open"))
        print(f"rfc4106(gcm(aes)), 1,420 bytes: seal {seal:,}, open {open_:,} instructions")
    for case in STREAMS:
        limit = readings.limit(case)
        if not limit:
            continue
        print(f"limit({case}), plain and the cipher alone: {limit:.3f}; shares of it: " + ", ".join(
            f"{subject} {value / limit:.0%}" for subject, value in readings.figures[case].items()
            if subject not in ("plain", "ipip")))


def print_moves(readings, kept):
    old = kept.get(readings.series())
    if not old:
        print(f"\nNo figures of a kernel {readings.series()} are kept to compare with: SAVE=1 keeps these.")
        return
    print(f"\nAgainst the figures kept, of {old['commit']} on {old['kernel']}:")
    moves = compared = 0
    for case, row in readings.figures.items():
        for subject, value in row.items():
            before = old["figures"].get(case, {}).get(subject)
            if not before:
                continue
            compared += 1
            if abs(value / before - 1) > MOVED:
                moves += 1
                way = "better" if better(case, value, before) > 1 else "WORSE"
                print(f"  {case} {subject}: {number(case, before)} -> {number(case, value)}, "
                      f"{value / before - 1:+.1%}, {way}")
    print(f"  {moves} of {compared} have moved by more than {MOVED:.0%}")


def chart(readings, folder):
    """Bars: how many times as good as xfrm."""
    cases = [case for case in readings.cases(SPEED) if "xfrm" in readings.figures.get(case, {})]
    subjects = [subject for subject in readings.subjects(cases) if subject not in ("plain", "ipip") and
                any(subject in readings.figures[case] for case in cases)]
    if not cases or not subjects:
        return
    lines = ["case " + " ".join(subjects)]
    for case in cases:
        row = readings.figures[case]
        lines.append(case + " " + " ".join(
            f"{better(case, row[subject], row['xfrm']):.3f}" if subject in row else "NaN" for subject in subjects))
    script = f"""
set terminal svg size 900,420 font 'sans,12' background 'white'
set output '{folder / "figures.svg"}'
set title 'Speed, xfrm = 1; kernel {readings.kernel}, instructions counted' noenhanced
set style data histogram
set style histogram clustered gap 1
set style fill solid 0.8 border -1
set xtics nomirror noenhanced
set yrange [0:*]
set grid y
set key outside noenhanced
$data << END
{chr(10).join(lines)}
END
plot for [i=2:{len(subjects) + 1}] $data using i:xtic(1) title columnheader(i)
"""
    subprocess.run(["gnuplot"], input=script, text=True, check=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("commit")
    parser.add_argument("--save", type=pathlib.Path)
    args = parser.parse_args()

    readings = Readings((args.folder / "readings").read_text())
    kept_file = HERE / "figures.json"
    kept = json.loads(kept_file.read_text()) if kept_file.exists() else {}
    print_figures(readings)
    print_ratios(readings)
    print_limits(readings)
    print_moves(readings, kept)

    kept[readings.series()] = {
        "kernel": readings.kernel, "commit": args.commit, "cipher": readings.cipher, "figures": readings.figures,
        "void": readings.void,
    }
    for folder in filter(None, (args.folder, args.save)):
        (folder / "figures.json").write_text(json.dumps(kept, indent="\t") + "\n")
        chart(readings, folder)
    failed = any(why == "failed" for row in readings.void.values() for why in row.values())
    sys.exit(1 if failed or not readings.figures else 0)


if __name__ == "__main__":
    main()
