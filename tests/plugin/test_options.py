"""Settings from a configuration file are read as what they are, or refused with a remedy."""

from __future__ import annotations

import pytest

from realtime_mock.settings import Settings
from realtime_mock.testing.options import SettingUnknown, settings_of


def test_without_any_the_mock_takes_a_free_port_and_refuses_beta():
    assert settings_of([]) == Settings(port=0, beta="retired")


def test_settings_are_read_by_their_types():
    pairs = [
        "pace = 0.5",
        "seed=7",
        "one_shot_secrets=yes",
        "api_keys=sk-a, sk-b",
        "beta=serve",
        "webhook_url=http://x",
    ]
    assert settings_of(pairs) == Settings(
        port=0, pace=0.5, seed=7, one_shot_secrets=True, api_keys=("sk-a", "sk-b"), beta="serve", webhook_url="http://x"
    )


@pytest.mark.parametrize(
    ("pair", "words"),
    [
        ("pace", "write NAME=VALUE"),
        ("pce=0", "did you mean 'pace'"),
        ("pace=fast", "write a number"),
        ("beta=maybe", "use one of: serve, retired"),
        ("one_shot_secrets=perhaps", "write true or false"),
        ("tls=cert.pem", "override the fixture"),
    ],
)
def test_what_is_no_setting_is_refused_with_a_remedy(pair, words):
    with pytest.raises(SettingUnknown, match=words):
        settings_of([pair])
