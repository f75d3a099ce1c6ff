"""Result records: the rows to write with a drawn picture. In the spool, a file's first line is its result record."""

from dataclasses import dataclass
from typing import Final, Self

from pydantic import TypeAdapter

from avatars_as_a_service.domain.avatar import Avatar
from avatars_as_a_service.domain.picture import Picture, PictureFormat
from avatars_as_a_service.storage.claims import Claim
from avatars_as_a_service.storage.idempotency import KeptAnswer
from avatars_as_a_service.storage.ledger import Receipt


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultRecord:
    """The rows to write with a picture, in one transaction: a face or an answer, the receipt, the end of the claim.

    ``described`` is the picture's digest if it was drawn from a description. ``redrawn`` means that ``avatar``
    replaces the face under its key.
    """

    format: PictureFormat
    width: int
    height: int
    avatar: Avatar | None = None
    answer: KeptAnswer | None = None
    receipt: Receipt | None = None
    claim: Claim | None = None
    described: str | None = None
    redrawn: bool = False

    @classmethod
    def of(
        cls,
        picture: Picture,
        *,
        avatar: Avatar | None = None,
        answer: KeptAnswer | None = None,
        receipt: Receipt | None = None,
        claim: Claim | None = None,
        described: bool = False,
        redrawn: bool = False,
    ) -> Self:
        """Build the record of this picture."""
        return cls(
            format=picture.format,
            width=picture.width,
            height=picture.height,
            avatar=avatar,
            answer=answer,
            receipt=receipt,
            claim=claim,
            described=picture.digest if described else None,
            redrawn=redrawn,
        )

    @staticmethod
    def parse(text: str) -> "ResultRecord":
        """Read a record from JSON. Raises ``ValueError`` if the text is no record."""
        return _JSON.validate_json(text)

    def to_json(self) -> str:
        """Write the record as one line of JSON."""
        return _JSON.dump_json(self).decode()

    def picture(self, data: bytes) -> Picture:
        """Return the record's picture with these bytes, under the digest of these bytes."""
        return Picture.of(data, format=self.format, width=self.width, height=self.height)


_JSON: Final = TypeAdapter(ResultRecord)
