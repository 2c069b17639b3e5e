//! Words for names, and the two ways to write them.

pub const QUALIFIERS: &[&str] = &[
    "Billing",
    "Customer",
    "Site",
    "Unit",
    "Access",
    "Monthly",
    "Draft",
    "Archived",
    "Primary",
    "External",
    "Pending",
    "Shared",
    "Partner",
    "Public",
    "Default",
    "Scheduled",
    "Recurring",
    "Nested",
];

pub const NOUNS: &[&str] = &[
    "Contact",
    "Invoice",
    "Order",
    "Payment",
    "Booking",
    "Address",
    "Schedule",
    "Deposit",
    "Refund",
    "Ticket",
    "Event",
    "Product",
    "Location",
    "Discount",
    "Coupon",
    "Subscription",
    "Webhook",
    "Note",
];

pub const FIELDS: &[&str] = &[
    "id",
    "name",
    "email",
    "phone",
    "type",
    "description",
    "createdAt",
    "updatedAt",
    "startsAt",
    "endsAt",
    "amount",
    "currency",
    "tax_id",
    "line1",
    "line2",
    "city",
    "postalCode",
    "country",
    "externalId",
    "reference",
    "total",
    "subtotal",
    "taxRate",
    "quantity",
    "unitPrice",
    "isActive",
    "isDefault",
    "position",
    "locale",
    "timeZone",
    "url",
    "title",
    "summary",
    "notes",
    "metadata",
    "labels",
    "owner",
    "parent",
    "source",
    "channel",
    "priority",
    "dueDate",
    "balance",
    "version",
    "archivedAt",
    "count",
    "first_name",
    "last_name",
    "company",
    "vatNumber",
    "details",
    "settings",
    "attributes",
    "items",
    "history",
    "links",
];

pub const ENUM_VALUES: &[&str] = &[
    "active",
    "inactive",
    "pending",
    "archived",
    "in_progress",
    "failed",
    "succeeded",
    "cancelled",
    "draft",
    "expired",
    "requires-action",
    "on_hold",
    "daily",
    "weekly",
    "monthly",
    "email",
    "sms",
    "card",
    "bank_transfer",
    "manual",
];

/// `postalCode` → `postal_code`. A keyword gets an underscore.
pub fn snake(word: &str) -> String {
    let mut out = String::new();
    for letter in word.chars() {
        if letter.is_ascii_uppercase() {
            if !out.is_empty() {
                out.push('_');
            }
            out.push(letter.to_ascii_lowercase());
        } else {
            out.push(letter);
        }
    }
    if out == "type" {
        out.push('_');
    }
    out
}

/// `requires-action` → `RequiresAction`.
pub fn pascal(word: &str) -> String {
    word.split(['-', '_']).map(|part| part[..1].to_ascii_uppercase() + &part[1..]).collect()
}
