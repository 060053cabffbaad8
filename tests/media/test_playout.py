"""What a call plays next, packet by packet, without a clock."""

from realtime_mock.core.effects import PlayoutCleared, PlayoutReport, PlayoutStarted, PlayoutStopped
from realtime_mock.media.playout import Playout, Utterance


def speech(text: str) -> Utterance:
    """One packet per letter."""
    return Utterance(duration_ms=len(text) * 20, packets=tuple(letter.encode() for letter in text))


def run(playout: Playout, count: int) -> tuple[bytes, list[PlayoutReport]]:
    """The next packets in a row, a dot for silence, and all that was reported on the way."""
    packets, reports = zip(*(playout.next_packet() for _ in range(count)), strict=True)
    return b"".join(packet or b"." for packet in packets), [report for some in reports for report in some]


def test_an_empty_playout_is_silent() -> None:
    assert run(Playout(), 3) == (b"...", [])


def test_a_response_starts_with_its_first_packet_and_stops_after_its_last() -> None:
    playout = Playout()
    playout.play("r1", speech("abc"))
    playout.end("r1")
    assert run(playout, 3) == (b"abc", [PlayoutStarted("r1")])
    assert run(playout, 2) == (b"..", [PlayoutStopped("r1")])


def test_it_does_not_stop_before_its_end() -> None:
    playout = Playout()
    playout.play("r1", speech("a"))
    assert run(playout, 3) == (b"a..", [PlayoutStarted("r1")])
    playout.play("r1", speech("b"))
    assert run(playout, 2) == (b"b.", [])
    playout.end("r1")
    assert run(playout, 1) == (b".", [PlayoutStopped("r1")])


def test_responses_are_played_one_after_the_other() -> None:
    playout = Playout()
    playout.play("r1", speech("ab"))
    playout.play("r2", speech("cd"))
    playout.end("r2")
    playout.end("r1")
    reports = [PlayoutStarted("r1"), PlayoutStopped("r1"), PlayoutStarted("r2"), PlayoutStopped("r2")]
    assert run(playout, 5) == (b"abcd.", reports)


def test_speech_that_is_being_encoded_is_waited_for_in_its_place() -> None:
    playout = Playout()
    late = Utterance(duration_ms=20)
    playout.play("r1", late)
    playout.play("r1", speech("b"))
    playout.end("r1")
    assert run(playout, 2) == (b"..", [])
    late.packets = (b"a",)
    assert run(playout, 3) == (b"ab.", [PlayoutStarted("r1"), PlayoutStopped("r1")])


def test_a_response_without_speech_is_never_reported() -> None:
    playout = Playout()
    playout.end("r1")
    playout.play("r2", Utterance(duration_ms=0, packets=()))
    playout.end("r2")
    assert run(playout, 2) == (b"..", [])


def test_clearing_silences_the_next_packet_and_tells_how_much_was_played() -> None:
    playout = Playout()
    playout.play("r1", speech("ab"))
    playout.play("r1", speech("cdefg"))
    assert run(playout, 4)[0] == b"abcd"
    assert playout.clear("r1") == [PlayoutCleared("r1", played_ms=80)]
    assert run(playout, 2) == (b"..", [])


def test_the_padding_of_the_last_packet_is_not_played_speech() -> None:
    playout = Playout()
    playout.play("r1", Utterance(duration_ms=25, packets=(b"a", b"b")))
    run(playout, 3)
    assert playout.clear("r1") == [PlayoutCleared("r1", played_ms=25)]


def test_clearing_what_is_only_queued_reports_it_unplayed() -> None:
    playout = Playout()
    playout.play("r1", speech("a"))
    playout.play("r2", speech("b"))
    assert playout.clear("r2") == [PlayoutCleared("r2", played_ms=0)]
    assert run(playout, 2) == (b"a.", [PlayoutStarted("r1")])


def test_clearing_what_has_no_speech_reports_nothing() -> None:
    playout = Playout()
    playout.play("r1", speech("a"))
    playout.end("r1")
    run(playout, 2)
    assert playout.clear("r1") == []
    assert playout.clear("r2") == []


def test_speech_after_a_clear_begins_anew() -> None:
    playout = Playout()
    playout.play("r1", speech("abc"))
    run(playout, 1)
    playout.clear("r1")
    playout.play("r1", speech("x"))
    playout.end("r1")
    assert run(playout, 2) == (b"x.", [PlayoutStarted("r1"), PlayoutStopped("r1")])
