from pathlib import Path

import pytest

from survey_app.protection import policy as policies
from survey_app.protection.policy import PolicyError, load_all_policies, load_policy, policy_as_applied, read_policy


def test_every_tier_has_a_policy_whose_numbers_say_why() -> None:
    loaded = load_all_policies()
    assert set(loaded) == {"inside", "network", "public"}
    for policy in loaded.values():
        for number in policy.numbers.model_dump(exclude_none=True).values():
            assert number["reason"]
            assert number["source"]


def test_the_public_sees_no_smaller_counts_than_an_organisation_does() -> None:
    assert load_policy("inside").smallest_count == 5
    assert load_policy("network").smallest_percentage_base == 10
    assert load_policy("public").smallest_count == 10


NUMBERS = {  # a number that is made weaker must be made so here too, where a reviewer sees it
    "inside": (5, 5, 3, 20, 5, 1, None),
    "network": (5, 10, 3, 20, 5, 1, None),
    "public": (10, 10, 3, 20, 10, 1, 5),
}


@pytest.mark.parametrize("tier", NUMBERS)
def test_no_number_of_a_policy_is_other_than_it_was_agreed(tier) -> None:
    policy = load_policy(tier)
    assert NUMBERS[tier] == (
        policy.smallest_count,
        policy.smallest_percentage_base,
        policy.dissenters,
        policy.group_at_risk,
        policy.interval_width,
        policy.coalition,
        policy.rounding_base,
    )


def test_a_base_that_does_not_divide_the_smallest_count_is_refused(tmp_path) -> None:
    path = tmp_path / "public.yaml"
    good = (policies.POLICIES / "public.yaml").read_text()
    path.write_text(good.replace("rounding_base:\n  value: 5", "rounding_base:\n  value: 4"))
    with pytest.raises(PolicyError, match="4 does not divide the smallest count, 10"):
        read_policy(path, "public")


def test_an_unknown_tier_has_no_policy() -> None:
    with pytest.raises(PolicyError, match='no policy "everybody"'):
        load_policy("everybody")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("value: 5", "value: 2", "inside.yaml line 6: 2 protects nobody"),
        ("value: 5", "value: five", "line 7"),
        ("smallest_count:", "smalest_count:", '"smallest_count" is missing'),
        ("smallest_count:", "smalest_count:", '"smalest_count" is unknown'),
        ("interval_width:", "dissenters:", '"dissenters" stands here twice'),
        ("version: 5", "version: 0", "line 4: a version is 1 or more"),
        ("name: inside", "name: public", 'is the policy of "public"'),
        ("version: 5", "version: [1", "not YAML"),
        ('  reason: "A published', '  because: "A published', "reason"),
        ("engine_seconds:\n  value: 50", "engine_seconds:\n  value: 0", "take 1 to 600 seconds"),
        ("value: 20", "value: 4", "4 is less than the smallest count"),
        ("value: 3", "value: 0", "0 makes no sense"),
        ("smallest_comment_group:\n  value: 10", "smallest_comment_group:\n  value: 9", "take 10 or more"),
        ("coalition:\n  value: 1", "coalition:\n  value: 0", "0 makes no sense"),
        ("coalition:\n  value: 1", "coalition:\n  value: 2", "2 people are left"),
        ("demographics_by_place:\n  value: 1", "demographics_by_place:\n  value: 2", "1 for yes or 0 for no"),
    ],
)
def test_a_faulty_number_names_its_line_and_the_mend(tmp_path, old, new, says) -> None:
    good = (policies.POLICIES / "inside.yaml").read_text()
    assert old in good
    path = tmp_path / "inside.yaml"
    path.write_text(good.replace(old, new, 1))
    with pytest.raises(PolicyError) as error:
        read_policy(path, "inside")
    assert says in str(error.value)
    assert "inside.yaml line" in str(error.value)


def test_a_file_with_several_faults_reports_them_all(tmp_path) -> None:
    good = (policies.POLICIES / "inside.yaml").read_text()
    path = tmp_path / "inside.yaml"
    path.write_text(
        good.replace("engine_seconds:\n  value: 50", "engine_seconds:\n  value: 0").replace("version: 5", "version: 0")
    )
    with pytest.raises(PolicyError) as error:
        read_policy(path, "inside")
    assert len(error.value.faults) == 2


def test_a_range_narrower_than_the_smallest_count_is_refused(tmp_path) -> None:
    good = (policies.POLICIES / "public.yaml").read_text()
    head, tail = good.split("interval_width:")
    path = tmp_path / "public.yaml"
    path.write_text(f"{head}interval_width:{tail.replace('value: 10', 'value: 9', 1)}")
    with pytest.raises(PolicyError, match="9 is less than the smallest count"):
        read_policy(path, "public")


def test_only_the_public_never_sees_gender_and_age_of_one_organisation() -> None:
    shown = {name: policy.shows_demographics_by_place for name, policy in load_all_policies().items()}
    assert shown == {"inside": True, "network": True, "public": False}


def test_a_release_of_an_earlier_version_can_still_be_audited_and_a_newer_one_must_have_every_number() -> None:
    written = load_policy("inside").as_applied()
    for name in policies.BEFORE_THEY_COUNTED:
        del written[name]
    with pytest.raises(PolicyError, match="smallest_comment_group"):
        policy_as_applied(written)
    with pytest.raises(PolicyError, match="smallest_comment_group"):
        policy_as_applied(written | {"version": 4})
    assert policy_as_applied(written | {"version": 2}).smallest_comment_group == 10
    later = {
        name: load_policy("inside").as_applied()[name] for name in ("smallest_comment_group", "demographics_by_place")
    }
    assert policy_as_applied(written | later | {"version": 4}).coalition == 1


def test_every_number_of_a_policy_is_read_by_somebody() -> None:
    room = Path(policies.__file__).parents[1]
    source = "".join(path.read_text() for path in room.rglob("*.py") if path.name != "policy.py")
    names = set(load_policy("inside").numbers.model_dump())
    assert len(names) >= 8
    others = {"demographics_by_place": "shows_demographics_by_place"}
    assert {name for name in names if f".{others.get(name, name)}" not in source and f'"{name}"' not in source} == set()


def test_the_server_does_not_start_without_its_policies(monkeypatch, tmp_path) -> None:
    monkeypatch.setattr(policies, "POLICIES", tmp_path)
    with pytest.raises(PolicyError) as error:
        load_all_policies()
    assert len(error.value.faults) == 3
