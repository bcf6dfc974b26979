"""What one row of the table says: our figure, theirs, and what the goal makes of the two."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Goal:
    """`bound` is for ours/theirs, for ours-theirs, or for our figure alone."""

    bound: float
    of: str = "ratio"  # ratio, difference, ours
    at_least: bool = False
    text: str = ""

    def value(self, ours, theirs):
        if self.of == "ours":
            return ours
        return ours - theirs if self.of == "difference" else ours / theirs

    def is_met(self, ours, theirs):
        value = self.value(ours, theirs)
        return value >= self.bound if self.at_least else value <= self.bound


def at_most(ratio):
    return Goal(ratio, text=f"at most {ratio:g}x")


def times_less(factor):
    return Goal(1 / factor, text=f"at most 1/{factor:g}")


def at_least(ratio):
    return Goal(ratio, at_least=True, text=f"at least {ratio:g}x")


def below(value, unit):
    return Goal(value, of="ours", text=f"{value:g} {unit}")


def later_by_at_most(value, unit):
    return Goal(value, of="difference", text=f"at most {value:g} {unit} later")


@dataclass(frozen=True)
class Figure:
    what: str
    against: str
    ours: float
    theirs: float | None
    unit: str
    goal: Goal
    note: str = ""

    @property
    def ratio(self):
        return self.ours / self.theirs if self.theirs else None

    @property
    def is_met(self):
        return self.goal.is_met(self.ours, self.theirs)

    def as_json(self):
        return {
            "what": self.what, "against": self.against, "ours": self.ours, "theirs": self.theirs, "unit": self.unit,
            "ratio": self.ratio, "goal": self.goal.text, "met": self.is_met, "note": self.note,
        }


@dataclass(frozen=True)
class Curve:
    """Cost against size, for a drawing: {name of a line: [(size, cost), ...]}."""

    name: str  # of the file, too
    title: str
    size: str
    cost: str
    lines: dict

    def as_json(self):
        return {"name": self.name, "title": self.title, "size": self.size, "cost": self.cost, "lines": self.lines}
