//! The generated types that the examples and the answers are of.

use understory_v1::model;
use understory_v1::runtime::types::{DateTime, LocalDateTime};

use crate::types::{Types, types};

pub(crate) const TYPES: Types = types![
    model:
    Booking,
    BookingCreate,
    BookingId,
    BookingList,
    BookingWebhook,
    CreatedBooking,
    ErrorResponse,

    EventAvailability,
    EventAvailabilityList,
    EventId,
    EventList,
    EventWebhook,
    Experience,
    ExperienceId,
    ExperienceList,
    ExperienceWebhook,
    InformationRequestAnswerList,
    InformationRequestList,
    LineItemList,
    MarketingConsentList,
    Me,
    Order,
    OrderId,
    OrderList,
    RefundList,
    SortOrder,
    TicketList,
    TicketVariantList,
    TransactionList,
    WebhookMessageId,
    WebhookSubscription,
    WebhookSubscriptionCreate,
    WebhookSubscriptionId,
    WebhookSubscriptionList,
    WebhookSubscriptionReplace,
    WebhookSubscriptionWithSecret;
    "Event" => model::EventModel,
    "integer int32" => i32,
    "string" => String,
    "string date-time" => DateTime,
    "string date-time-local" => LocalDateTime,
];
