"""What every report here needs: medians, numbers, tables in Markdown."""
import statistics


def median(runs, key):
    return statistics.median(run[key] for run in runs)


def median_of(runs, take):
    return statistics.median(take(run) for run in runs)


def number(value, digits=1):
    if value is None:
        return "-"
    return "%.0f" % value if value >= 100 else "%.*f" % (digits, value)


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "| " + " | ".join(["---"] + ["--:"] * (len(head) - 1)) + " |"]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])
