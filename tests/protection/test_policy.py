import pytest

from survey_app.protection import policy as policies
from survey_app.protection.policy import PolicyError, load_all_policies, load_policy, read_policy


def test_every_tier_has_a_policy_whose_numbers_say_why() -> None:
    loaded = load_all_policies()
    assert set(loaded) == {"inside", "network", "public"}
    for policy in loaded.values():
        for number in policy.numbers.model_dump().values():
            assert number["reason"]
            assert number["source"]


def test_the_public_sees_no_smaller_counts_than_an_organisation_does() -> None:
    assert load_policy("inside").smallest_count == 5
    assert load_policy("network").smallest_percentage_base == 10
    assert load_policy("public").smallest_count == 10


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
        ("version: 2", "version: 0", "line 4: a version is 1 or more"),
        ("name: inside", "name: public", 'is the policy of "public"'),
        ("version: 2", "version: [1", "not YAML"),
        ('  reason: "A published', '  because: "A published', "reason"),
        ("engine_seconds:\n  value: 50", "engine_seconds:\n  value: 0", "take 1 to 600 seconds"),
        ("value: 20", "value: 4", "4 is less than the smallest count"),
        ("value: 3", "value: 0", "0 makes no sense"),
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
        good.replace("engine_seconds:\n  value: 50", "engine_seconds:\n  value: 0").replace("version: 2", "version: 0")
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


def test_the_server_does_not_start_without_its_policies(monkeypatch, tmp_path) -> None:
    monkeypatch.setattr(policies, "POLICIES", tmp_path)
    with pytest.raises(PolicyError) as error:
        load_all_policies()
    assert len(error.value.faults) == 3
