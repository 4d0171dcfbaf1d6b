"""Sessions on a chip: ours alone, and those of others, for comparison. What is not built here is quoted."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Session:
    """What the crate `session` builds: one of its features, in one of its profiles."""
    name: str
    feature: str
    profile: str = "firmware"
    is_ours: bool = False
    needs_heap: bool = False

    def for_speed(self):
        return Session(f"{self.name}, for speed", self.feature, "speed", self.is_ours, self.needs_heap)


PROFILE_S = Session("session alone, profile S", "profile-s", is_ours=True)
#: Versions are those of the manifest.
FOR_SIZE = (
    PROFILE_S,
    Session("session alone, profile X", "profile-x", is_ours=True),
    Session("snow 0.10.0, as profile X, with a heap", "snow", needs_heap=True),
    Session("lakers 0.8.0, without records", "lakers"),
)
SESSIONS = (*FOR_SIZE, *(session.for_speed() for session in FOR_SIZE))

SOURCE = "measured once, by hand"
#: Name, bytes of flash.
QUOTED = {"uoscore-uedhoc": 41_000}


def quoted(chip):
    return [{"target": chip.target, "set": name, "measured": False, "is_limited": False, "source": SOURCE, "flash": flash, "ram": None, "stack": None,
             "stacks": {}, "instructions": {}} for name, flash in QUOTED.items()]
