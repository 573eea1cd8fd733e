"""Who a companion is, in files that other programs read too: cards, lorebooks, chats, capsules."""
