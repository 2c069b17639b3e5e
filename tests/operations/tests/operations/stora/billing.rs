//! The groups of what follows an order: `Subscriptions`, `Invoices`, `Credit Notes`, `Contracts`, `Contract Templates` and
//! `Identity Verifications`.

use stora_2025_09::model::{
    ContactId, ContractId, IdentityVerificationId, IdentityVerificationSortField,
    IdentityVerificationStatus, SortDirection,
};

use super::ids::{CONTACT, SUBSCRIPTION};
use super::{Account, names};

pub(crate) async fn required(account: &Account) {
    let client = &account.client;
    client.subscriptions().list().await.unwrap();
    client.subscriptions().show(SUBSCRIPTION).await.unwrap();
    client.invoices().list().await.unwrap();
    client.credit_notes().list().await.unwrap();
    client.contracts().list().await.unwrap();
    let id: ContractId = account.seed("contracts");
    client.contracts().show(id).await.unwrap();
    client.contract_templates().list().await.unwrap();
    let verifications = client.identity_verifications();
    verifications.list().await.unwrap();
    let id: IdentityVerificationId = account.seed("identity_verifications");
    verifications.show(id).await.unwrap();
}

pub(crate) async fn all(account: &Account) {
    let client = &account.client;
    let subscriptions = client.subscriptions();
    let list = subscriptions.list().page(1).limit(25).sort_direction(SortDirection::Asc);
    list.expand(names(["contact", "site"])).await.unwrap();
    subscriptions.show(SUBSCRIPTION).expand(names(["contact"])).await.unwrap();

    let list = client.invoices().list().page(1).limit(25).sort_direction(SortDirection::Asc);
    list.expand(names(["contact", "subscription"])).await.unwrap();

    let list = client.credit_notes().list().page(1).limit(25).sort_direction(SortDirection::Asc);
    list.expand(names(["invoice"])).await.unwrap();

    let list = client.contracts().list().page(1).limit(25).sort_direction(SortDirection::Asc);
    list.expand(names(["contact"])).await.unwrap();
    let id: ContractId = account.seed("contracts");
    let contract = client.contracts().show(id);
    contract.expand(names(["contact"])).await.unwrap();

    let list = client.contract_templates().list().page(1).limit(25);
    list.sort_direction(SortDirection::Asc).await.unwrap();

    let verifications = client.identity_verifications();
    verifications
        .list()
        .page(1)
        .limit(25)
        .sort_by(IdentityVerificationSortField::UpdatedAt)
        .sort_direction(SortDirection::Asc)
        .contact_id([ContactId::from(CONTACT)])
        .status([IdentityVerificationStatus::Succeeded, IdentityVerificationStatus::Failed])
        .expand(names(["contact"]))
        .await
        .unwrap();
    let id: IdentityVerificationId = account.seed("identity_verifications");
    let verification = verifications.show(id);
    verification.expand(names(["contact"])).await.unwrap();
}
