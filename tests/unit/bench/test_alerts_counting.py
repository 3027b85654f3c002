"""How the notify bench counts: what is lost, what came twice, how long the healthy ones took; and how results merge."""

import json
from pathlib import Path
from typing import cast

from bench.alerts_feed import Load, Takings
from bench.alerts_people import DEAD, HEALTHY, Person, addresses, is_his, people
from bench.result import Result, merge
from bench.world import World

HIS, SLOW = Person(0, "webhook", "feishu"), Person(4, "app", "webhook")


def load(tmp_path: Path, *lines: str, said: tuple[Person, ...] = (HIS,)) -> Load:
    """Alerts 0, 1, … were said at second 100, and the vendors wrote these lines."""
    path = tmp_path / "taken"
    path.write_text("".join(f"{line}\n" for line in lines))
    takings = Takings(path)
    takings.read()
    found = Load(cast(World, None), takings)
    found.said = [(100.0, person) for person in said]
    return found


def test_what_nobody_took_is_lost(tmp_path: Path) -> None:
    assert load(tmp_path).lost(range(1)) == 1


def test_what_another_person_got_is_lost(tmp_path: Path) -> None:
    assert load(tmp_path, "100.5 webhook 0000000 /hook/p7").lost(range(1)) == 1


def test_what_came_by_the_second_way_is_not_lost(tmp_path: Path) -> None:
    assert load(tmp_path, "101.0 feishu 0000000 p0").lost(range(1)) == 0


def test_the_same_alert_by_two_ways_is_doubled(tmp_path: Path) -> None:
    found = load(tmp_path, "100.5 webhook 0000000 /hook/p0", "101.0 feishu 0000000 p0")
    assert (found.lost(range(1)), found.doubled(range(1))) == (0, 1)


def test_the_wait_is_that_of_the_first_message_to_people_of_healthy_providers(tmp_path: Path) -> None:
    lines = "103.0 feishu 0000000 p0", "100.5 webhook 0000000 /hook/p0", "190.0 app 0000001 p4"
    assert load(tmp_path, *lines, said=(HIS, SLOW)).p99_s(range(2)) == 0.5


def test_a_line_that_is_half_written_is_read_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "taken"
    path.write_text("100.5 web")
    takings = Takings(path)
    assert takings.read() == 0
    path.write_text("100.5 webhook 0000000 /hook/p0\n")
    assert takings.read() == 1


def test_everybody_has_a_healthy_way_besides_his_first_and_addresses_of_his_own() -> None:
    everybody = people()
    assert all(p.second in HEALTHY and p.second != p.first for p in everybody)
    assert {p.first for p in everybody} == {*HEALTHY, DEAD, "app"}
    for vendor in (*HEALTHY, "app"):
        paths = [addresses(p, "http://v")[vendor].removeprefix("http://v") for p in everybody]
        assert len(set(paths)) == len(everybody)
        assert all(is_his(p, vendor, path) for p, path in zip(everybody, paths, strict=True))


def test_a_part_that_is_measured_again_leaves_the_other_figures(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    path.write_text('[{"name": "a", "value": 1}, {"name": "b", "value": 2}]')
    merge([Result("b", 3, "s"), Result("c", 4, "s")], path)
    assert [(row["name"], row["value"]) for row in json.loads(path.read_text())] == [("a", 1), ("b", 3), ("c", 4)]
