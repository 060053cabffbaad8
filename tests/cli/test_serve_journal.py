"""`serve --journal`."""

from __future__ import annotations


def test_a_journal_that_cannot_be_written_is_told_with_a_remedy(invoke, tmp_path):
    (tmp_path / "file").write_text("")

    result = invoke("serve", "--port", 0, "--journal", tmp_path / "file" / "below")

    assert result.exit_code == 2
    assert "no journal can be written in" in result.stderr
    assert "choose a directory" in result.stderr
    assert "Traceback" not in result.stderr


def test_an_origin_that_is_none_is_told_with_a_remedy(invoke):
    result = invoke("serve", "--port", 0, "--control-origin", "localhost")

    assert (result.exit_code, "write one such as" in result.stderr) == (1, True)
