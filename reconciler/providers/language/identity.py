"""The words for where a webhook's id and facts stand. Used by `providers.language.manifest`."""

from typing import Self

from pydantic import model_validator

from reconciler.providers.language.words import Expression, Pointer, Word


class Identity(Word):
    """Where a webhook's id and facts stand in what reads give. `fixed`: the stand-in where the vendor has no id.

    Args:
        of: where the vendor knows a webhook by nothing but this field (`/url`), its pointer. A fingerprint of it is the
            id, since an address may hold what nobody should see; `{id}` in calls is the field as it was read.
        cut: of what `id` finds, only what stands behind the last such text is the id (`/` of an address).
        header: the header of a create's answer that holds the id where its body does not; of a `Location`, the last
            part of its path.
        number: the id is a number, and stands in bodies as one (`with: {/ids/0: "{id}"}`).
    """

    id: Expression | None = None
    of: Pointer | None = None
    cut: str = ""
    header: str = ""
    number: bool = False
    fixed: str | None = None
    created_at: Expression | None = None
    note: Expression | None = None

    @model_validator(mode="after")
    def _has_one(self) -> Self:
        if sum(word is not None for word in (self.id, self.of, self.fixed)) != 1:
            raise ValueError("give either `id`, `of` or `fixed`")
        vain = next((word for word in ("cut", "header", "number") if getattr(self, word)), None)
        if vain is not None and self.id is None:
            raise ValueError(f"`{vain}` belongs to `id`")
        return self
