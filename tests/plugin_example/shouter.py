"""A companion of somebody else's, as bridge/README.md shows it."""


class Shouter:
    async def reply(self, said):
        yield said.text.upper()

    async def close(self):
        pass
