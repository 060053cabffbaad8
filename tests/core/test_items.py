"""Items: placement, deletion, retrieval, truncation (protocol 7.10 to 7.12)."""

import base64


def place(session, item_id, after=None):
    content = [{"type": "input_text", "text": item_id}]
    item = {"id": item_id, "type": "message", "role": "user", "content": content}
    fields = {} if after is None else {"previous_item_id": after}
    return session.send("conversation.item.create", item=item, **fields)


def ids(session):
    return [item["id"] for item in session.session.snapshot()["items"]]


def test_items_go_where_they_are_told(opened):
    session = opened()
    for item_id, after in [("a", None), ("b", ""), ("c", "root"), ("d", "a")]:
        place(session, item_id, after)
    assert ids(session) == ["c", "a", "d", "b"]
    assert [e["previous_item_id"] for e in session.sent if e["type"].endswith("added")] == [None, "a", None, "a"]


def test_an_unknown_predecessor_is_refused(opened):
    [error] = place(opened(), "a", "nowhere")
    assert error["type"] == "error"


def test_a_duplicate_id_is_added_again_behind_itself(opened):
    session = opened()
    place(session, "a")
    added, _ = place(session, "a")
    assert added["previous_item_id"] == "a"
    assert ids(session) == ["a", "a"]


def test_a_deleted_item_is_gone(opened):
    session = opened()
    place(session, "a")
    assert session.send("conversation.item.delete", item_id="a")[0]["type"] == "conversation.item.deleted"
    [error] = session.send("conversation.item.delete", item_id="a")
    assert error["error"]["message"] == "Error deleting item: the item with id 'a' does not exist."
    [error] = session.send("conversation.item.retrieve", item_id="a")
    assert error["error"]["code"] == "item_retrieve_invalid_item_id"


def test_truncation_drops_the_transcript_and_shortens_what_is_retrieved(opened):
    session = opened()
    session.send("response.create")
    session.run()
    [item_id] = ids(session)
    [truncated] = session.send("conversation.item.truncate", item_id=item_id, content_index=0, audio_end_ms=500)
    assert (truncated["item_id"], truncated["audio_end_ms"]) == (item_id, 500)
    [retrieved] = session.send("conversation.item.retrieve", item_id=item_id)
    [part] = retrieved["item"]["content"]
    assert len(base64.b64decode(part["audio"])) == 500 * 48
    assert "transcript" not in part


def test_truncation_beyond_the_end_is_refused_in_the_recorded_words(opened):
    session = opened()
    session.send("response.create")
    session.run()
    item = session.session.snapshot()["items"][0]
    [error] = session.send("conversation.item.truncate", item_id=item["id"], content_index=0, audio_end_ms=99_000)
    length = len(item["content"][0]["transcript"]) * 50
    assert error["error"]["message"] == f"Audio content of {length}ms is already shorter than 99000ms"


def test_only_the_models_own_audio_is_truncated(opened):
    session = opened()
    place(session, "a")
    [error] = session.send("conversation.item.truncate", item_id="a", content_index=0, audio_end_ms=0)
    assert error["error"]["message"] == "Only model output audio messages can be truncated"


def test_audio_in_a_created_item_is_not_echoed(opened, tone):
    audio = base64.b64encode(tone(1)).decode()
    item = {"type": "message", "role": "user", "content": [{"type": "input_audio", "audio": audio}]}
    added, _ = opened().send("conversation.item.create", item=item)
    assert added["item"]["content"] == [{"type": "input_audio", "transcript": None}]
