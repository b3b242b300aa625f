"""Settings of invoices: who sends them, their numbers, their paper."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

PAYMENT_DAYS_MAX = 365


class InvoiceSettings(BaseModel):
    """The sender of invoices and how they look. What is printed is copied into each document when it is issued."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    seller_name: str = Field("Example Trunk Provider", description="name of the sender")
    seller_address: tuple[str, ...] = Field((), description="lines of the sender's address")
    seller_contact: tuple[str, ...] = Field((), description="lines such as telephone, e-mail, web site")
    seller_registration: str = Field("", description="number under which the sender is registered")
    seller_country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] = Field("US", description="country of the sender")
    payment_lines: tuple[str, ...] = Field((), description="lines that say where to pay")
    number_prefix: str = Field("TL-", description="text before the running number of a document")
    payment_days: Annotated[int, Field(ge=0, le=PAYMENT_DAYS_MAX)] = Field(
        30, description="days from the invoice date to the due date"
    )
    paper: Literal["a4", "us-letter"] = Field("us-letter", description="paper of the PDF")
    call_list: bool = Field(default=False, description="print every call in the PDF")
    font_path: Path | None = Field(
        None, description="folder of fonts for scripts that neither the typesetter nor the system has"
    )
