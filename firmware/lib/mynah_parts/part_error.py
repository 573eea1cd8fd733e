"""What a part that is not as it should be raises, when it is built, probed or run."""


class PartError(Exception):
    """`fault` is one of making's, `text` is told: "motion: 0x6A answers with id 0x71"."""

    def __init__(self, fault: int, text: str) -> None:
        super().__init__(fault, text)
        self.fault = fault
        self.text = text
