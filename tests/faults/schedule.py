"""A day with everything that can go wrong, drawn from a seed: three tablets, one server, a network between them.

Each round draws a tablet, a fault of the network and something that happens while people answer. After each round the
promise is checked: what was sent on a tablet is counted, or waits in its corner.
"""

from __future__ import annotations

import random
import signal
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Final

import builders
import incidents
import wire
from installation import MOST, Installation
from tablets import Light, Tablet

from survey_app import cli
from survey_app.foundation import clock
from survey_app.storage import sessions

TEN_YEARS: Final = 3652
TEN_YEARS_OF_A_SERVER: Final = TEN_YEARS + 40
"""Not the same as a tablet's: two clocks that are wrong by the very same number of days at once are believed."""
GRACE: Final = timedelta(days=30)
WRONG_CERTIFICATE: Final = "wrong certificate"


LOOK_FOR_NEWER: Final = """async () => {
  const registration = await navigator.serviceWorker.getRegistration();
  await registration.update().catch(() => undefined); // no way to the server
}"""


@dataclass
class Day:
    """What a run works on. ``numbers`` is drawn from the seed; ``told`` says what happened, round by round.

    ``imposter``: a certificate that no tablet trusts. Whoever looks after the server makes a backup in the morning, and
    after whatever leaves something that tablets keep no copy of.
    """

    numbers: random.Random
    served: Installation
    network: wire.Wire
    imposter: ssl.SSLContext
    tablets: list[Tablet]
    told: list[str] = field(default_factory=list)
    _next: int = 0

    @property
    def people(self) -> int:
        """How many people were thanked so far; who came to a tablet that died is none of them."""
        return sum(len(tablet.sent) for tablet in self.tablets)

    def arrive(self, at_least: int, at_most: int) -> list[int]:
        """Let some people come, each with a number of their own."""
        first, self._next = self._next, self._next + self.numbers.randint(at_least, at_most)
        if self._next > MOST:
            raise ValueError("more people than numbers")
        return list(range(first, self._next))

    def run(self, people: int) -> None:
        """Go on until so many people have sent their answers, then let the network heal and everything arrive."""
        self.served.keep_backup()
        while self.people < people:
            self.play_round()
        self.network.heal()
        for tablet in self.tablets:
            light = tablet.drain()
            if light != Light():
                raise AssertionError(f"{tablet.profile.name} does not come to rest: {light}")
            self.check_unreadable(tablet)
        self.check_all_counted()

    def play_round(self) -> None:
        tablet = self.numbers.choice(self.tablets)
        fault = self.numbers.choice([*wire.FAULTS, WRONG_CERTIFICATE, "none", "none", "none"])
        happens = self.numbers.choice(list(HAPPENS))
        self.told.append(f"{tablet.profile.name}: {fault}; {happens}")
        started = time.monotonic()
        if fault == WRONG_CERTIFICATE:
            self.network.pretend(self.imposter)
        elif fault != "none":
            self.network.suffer(wire.FAULTS[fault], self.numbers.choice([1, 2, 5, None]))
        tablet.open_form()
        HAPPENS[happens](self, tablet)
        if self.numbers.random() < 0.5:
            self.network.heal()
        self.check_in_sight(tablet)
        self.network.heal()
        print(f"{time.monotonic() - started:5.1f} s", self.told[-1])

    def check_in_sight(self, tablet: Tablet) -> None:
        """What was sent on a tablet is counted, or waits in its corner; and nobody can read it there."""
        light = tablet.look()
        counted = set(self.served.counted([tablet.code]))
        missing = len(tablet.sent - counted)
        if light.shelved or missing > light.waiting:
            raise AssertionError(f"{missing} responses of {tablet.profile.name} are not counted, and it shows {light}")
        self.check_unreadable(tablet)

    def check_unreadable(self, tablet: Tablet) -> None:
        """No answer can be read in the whole profile, nor could when each person was thanked."""
        if readable := tablet.find_readable():
            raise AssertionError(f"answers can be read in {readable}")

    def check_all_counted(self) -> None:
        """Every response that was sent is counted once, and nothing else is."""
        counted = self.served.counted({tablet.code for tablet in self.tablets})
        sent = {number for tablet in self.tablets for number in tablet.sent}
        begun = {number for tablet in self.tablets for number in tablet.begun}
        twice = len(counted) - len(set(counted))
        if twice or sent - set(counted) or set(counted) - begun or self.network.at_once:
            raise AssertionError(
                f"{len(sent)} sent, {len(sent - set(counted))} lost, {twice} counted twice, "
                f"{len(set(counted) - begun)} from nowhere, {len(self.network.at_once)} sent twice at once"
            )

    def carry(self, centre: Installation, network: wire.Wire) -> None:
        """Let the laptop send what it counted to the instance that counts for all, until it has a receipt, and once more."""
        codes = {tablet.code for tablet in self.tablets}
        for code in codes:
            sessions.close(self.served.db, code, clock.now() - GRACE)
        builders.introduce(self.served.db, "laptop", centre.db, "centre")
        send = ["carry", "send", "--to", "centre", "--address", network.url]
        for fault in self.numbers.sample(sorted(wire.FAULTS), 3):
            self.told.append(f"laptop: {fault}; sends to the centre")
            with network.suffering(wire.FAULTS[fault]):
                if (cli.run(send) == 0) != (fault in wire.DELIVERS):
                    raise AssertionError("the laptop took for a receipt what is none, or the other way round")
        for _ in range(2):
            if cli.run(send) != 0:
                raise AssertionError("the centre gives no receipt")
        if sorted(centre.counted(codes)) != sorted(self.served.counted(codes)):
            raise AssertionError("the centre does not count what the laptop has")

    def restart(self, by: signal.Signals, pause: float = 0.0) -> Iterator[Callable[[], None]]:
        yield partial(self.served.end, by)
        yield partial(time.sleep, pause)
        yield self.served.start


def people_answer(day: Day, tablet: Tablet) -> None:
    tablet.answer(day.arrive(20, 30))


def the_page_is_opened_for_each_person(day: Day, tablet: Tablet) -> None:
    for number in day.arrive(2, 4):
        tablet.open_form()
        tablet.answer([number])


def the_browser_is_killed(day: Day, tablet: Tablet) -> None:
    people = day.arrive(12, 18)
    with tablet.killed_after(day.numbers.randint(0, 10), day.numbers.uniform(0, 0.1)):
        tablet.answer(people)
        tablet.page.wait_for_timeout(30_000)  # until it is killed
    tablet.start()


def the_server_is_killed(day: Day, tablet: Tablet) -> None:
    moment, pause = day.numbers.uniform(0, 0.4), day.numbers.uniform(0, 0.3)
    with incidents.meanwhile(partial(time.sleep, moment), *day.restart(signal.SIGKILL, pause)):
        tablet.answer(day.arrive(20, 30))


def the_database_is_locked(day: Day, tablet: Tablet) -> None:
    with ExitStack() as held:
        held.enter_context(incidents.locked(day.served))
        release = partial(time.sleep, day.numbers.uniform(0.1, 0.8))
        people = day.arrive(4, 8)
        tablet.answer(people[:1])
        release()
        held.close()
        tablet.answer(people[1:])


def the_disk_is_full(day: Day, tablet: Tablet) -> None:
    with incidents.full_disk(day.served):
        tablet.answer(day.arrive(8, 12))


def the_tablets_clock_is_wrong(day: Day, tablet: Tablet) -> None:
    with incidents.wrong_clock(tablet, day.numbers.choice([-TEN_YEARS, -1, 1, TEN_YEARS])) as page:
        tablet.answer(day.arrive(10, 16), page)


def the_servers_clock_is_wrong(day: Day, tablet: Tablet) -> None:
    day.served.set_clock(day.numbers.choice([-TEN_YEARS_OF_A_SERVER, TEN_YEARS_OF_A_SERVER]))
    for act in day.restart(signal.SIGTERM):
        act()
    tablet.answer(day.arrive(14, 20))
    day.served.set_clock(0)


def the_tablet_has_no_room(day: Day, tablet: Tablet) -> None:
    with incidents.full_storage(tablet) as page:
        tablet.answer(day.arrive(1, 1), page)
    day.served.keep_backup()  # no room for a copy either


def the_storage_closes_under_the_page(day: Day, tablet: Tablet) -> None:
    with incidents.closing_storage(tablet) as page:
        tablet.answer(day.arrive(10, 16), page)
    day.served.keep_backup()  # a copy may have failed as often as it was tried


def two_tabs_are_open(day: Day, tablet: Tablet) -> None:
    second = tablet.context.new_page()
    tablet.open_form(second)
    with tablet.answering(day.arrive(8, 14), second):
        tablet.answer(day.arrive(8, 14))
    second.close()


def the_page_is_left_while_it_sends(day: Day, tablet: Tablet) -> None:
    tablet.answer(day.arrive(8, 12))
    tablet.page.evaluate("void dispatchEvent(new Event('online'))")
    tablet.open_form()
    tablet.answer(day.arrive(8, 12))


def the_server_moves_to_another_address(day: Day, tablet: Tablet) -> None:
    tablet.answer(day.arrive(8, 12))
    day.served.move()
    day.network.upstream = day.served.port
    tablet.answer(day.arrive(8, 12))


def the_key_is_rotated(day: Day, tablet: Tablet) -> None:
    people = day.arrive(12, 20)
    tablet.answer(people[:6])
    day.served.rotate_key()
    day.served.keep_backup()  # without the key, nobody can open what is sealed to it
    tablet.answer(people[6:])


def a_backup_is_made(day: Day, tablet: Tablet) -> None:
    tablet.answer(day.arrive(6, 10))
    day.served.keep_backup()
    tablet.answer(day.arrive(6, 10))


def the_server_is_restored_from_the_last_backup(day: Day, tablet: Tablet) -> None:
    """What came since is nowhere but on tablets; each hands it in again as soon as it meets the restored server.

    Where the network lets nothing be handed in, it waits in sight, once the tablet has heard which database this is.
    """
    tablet.answer(day.arrive(8, 14))
    day.served.restore_backup()
    tablet.open_form()
    tablet.answer(day.arrive(4, 8))
    if not day.network.is_imposter:
        day.check_in_sight(tablet)
    day.network.heal()
    for each in day.tablets:
        each.drain()


def the_program_is_updated_in_the_middle(day: Day, tablet: Tablet) -> None:
    people = day.arrive(12, 18)
    tablet.answer(people[:6])
    day.served.update(f"newer-{people[0]}")
    for act in day.restart(signal.SIGTERM):
        act()
    tablet.page.evaluate(LOOK_FOR_NEWER)
    tablet.answer(people[6:])


HAPPENS: Final[dict[str, Callable[[Day, Tablet], None]]] = {
    act.__name__.replace("_", " "): act
    for act in (
        people_answer,
        the_page_is_opened_for_each_person,
        the_browser_is_killed,
        the_server_is_killed,
        the_database_is_locked,
        the_disk_is_full,
        the_tablets_clock_is_wrong,
        the_servers_clock_is_wrong,
        the_tablet_has_no_room,
        the_storage_closes_under_the_page,
        two_tabs_are_open,
        the_page_is_left_while_it_sends,
        the_server_moves_to_another_address,
        the_key_is_rotated,
        a_backup_is_made,
        the_server_is_restored_from_the_last_backup,
        the_program_is_updated_in_the_middle,
    )
}
"""What may happen while people answer, by the name that a report of it bears."""
