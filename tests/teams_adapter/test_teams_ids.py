import pytest

from adapters.teams.ids import Address, MessageRef, in_thread, split_thread

CONVERSATIONS = ["a:1ab-_c", "19:x@thread.tacv2", "19:u1_u2@unq.gbl.spaces", "odd/%2F;a=b c", "会話"]


@pytest.mark.parametrize("conversation", CONVERSATIONS)
def test_addresses_and_refs_come_back_as_they_were(conversation: str) -> None:
    address = Address("tenant-1", conversation)
    ref = MessageRef("tenant-1", conversation, "1:17@/")
    assert Address.unpack(address.pack()) == address
    assert MessageRef.unpack(ref.pack()) == ref


@pytest.mark.parametrize("text", ["", "a", "a/", "/a", "a/b/c", "a/b:c", "a/%ff", "a/%zz", "a/%3a"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a Teams address"):
        Address.unpack(text)


def test_a_ref_is_no_address() -> None:
    with pytest.raises(ValueError):
        Address.unpack(MessageRef("t", "c", "m").pack())
    with pytest.raises(ValueError):
        MessageRef.unpack(Address("t", "c").pack())


def test_an_empty_part_is_refused() -> None:
    with pytest.raises(ValueError):
        Address("", "c").pack()


def test_a_channel_thread_is_the_channel_and_its_root() -> None:
    assert split_thread("19:x@thread.tacv2;messageid=17") == ("19:x@thread.tacv2", "17")
    assert split_thread("a:1") == ("a:1", "")
    assert in_thread("19:x@thread.tacv2", "17") == "19:x@thread.tacv2;messageid=17"
