//! A walk through a list, by the client of either vendor.

use std::collections::BTreeSet;
use std::sync::Arc;

use specwright_transport_reqwest::{ReqwestProxy, ReqwestTransport};
use stora_2025_09::runtime::operation::Paginated;
use stora_2025_09::runtime::{Drift, ErrorKind, ErrorReport, Items, StaticToken};

use crate::codes::Vendor;
use crate::setting::Trouble;

/// What came of a walk to the end of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Walk {
    /// The ids of the entries, in the order in which they came.
    pub delivered: Vec<String>,
    /// What ended it, if it was an error.
    pub end: Option<ErrorKind>,
    /// What shows of changes.
    pub drift: Drift,
}

/// Entries of a page.
pub const LIMIT: u32 = 3;

impl Walk {
    /// Walks through the contacts of Stora, which are in pages with numbers, or the orders of Understory, which have cursors.
    pub async fn of(vendor: Vendor, server: &str, token: &str) -> Result<Self, Trouble> {
        let transport = Arc::new(ReqwestTransport::builder().proxy(ReqwestProxy::None).build()?);
        let token = StaticToken::new(token.to_owned());
        match vendor {
            Vendor::Stora => {
                let client = stora_2025_09::Client::builder("Specwright/Torture")
                    .base_url(server)
                    .transport(transport)
                    .credentials(token)
                    .without_rate_limits()
                    .build()?;
                let contacts = client.contacts().list().limit(LIMIT.into()).items();
                Ok(Self::to_the_end(contacts, |contact| contact.id.into_inner()).await)
            }
            Vendor::Understory => {
                let client = understory_v1::Client::builder("Specwright/Torture")
                    .base_url(server)
                    .transport(transport)
                    .credentials(token)
                    .without_rate_limits()
                    .build()?;
                let orders = client.orders().list().limit(i32::try_from(LIMIT)?).items();
                Ok(Self::to_the_end(orders, |order| order.id.into_inner()).await)
            }
        }
    }

    async fn to_the_end<O: Paginated>(mut items: Items<O>, id: impl Fn(O::Item) -> String) -> Self {
        let (mut delivered, mut end) = (Vec::new(), None);
        while let Some(item) = items.next().await {
            match item {
                Ok(item) => delivered.push(id(item)),
                Err(error) => {
                    let report: &ErrorReport = &error;
                    end = Some(report.kind());
                }
            }
        }
        Self { delivered, end, drift: items.drift() }
    }

    /// How many entries came that had come before.
    pub fn doubled(&self) -> usize {
        let different: BTreeSet<_> = self.delivered.iter().collect();
        self.delivered.len() - different.len()
    }
}
