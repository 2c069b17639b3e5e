//! Resources of the document's examples. The sandbox of the suite has them all.

pub(super) const CONTACT: &str = "con_7d41a0c2e95b38f6";
pub(super) const CONTRACT_TEMPLATE: &str = "ctpl_3d9f5b0e7a2c4168";
pub(super) const COUPON: &str = "cpn_6e1c8a4f9d0b2753";
pub(super) const DEAL_STAGE: &str = "dstg_1c5e9a3f7b0d2864";
pub(super) const INVOICE: &str = "inv_a41c6f08d3972eb5";
pub(super) const PRODUCT: &str = "prod_7c3e9f1b5d0a8246";
pub(super) const PROTECTION_LEVEL: &str = "plvl_2a9d6c1e7f4b0853";
pub(super) const SITE: &str = "site_4e8b1d7f20c6a359";
/// Where [`UNIT`] is, which [`TENANCY`] rents.
pub(super) const SITE_OF_UNIT: &str = "site_2b9c40e71f6a8d35";
pub(super) const STAFF: &str = "staff_5b3e90d7a1c2f486";
pub(super) const SUBSCRIPTION: &str = "sub_37f5a0e9c1b6824d";
pub(super) const TENANCY: &str = "ten_4fa82e1b7d60c593";
pub(super) const TIMELINE_SOURCE: &str = "tsrc_4d0a6b7f95e21c38";
pub(super) const TIMELINE_TEMPLATE: &str = "aetpl_56e9d1f3a0c7b824";
pub(super) const UNIT: &str = "unit_5e18c7d0a94b32f6";
pub(super) const UNIT_TYPE: &str = "utype_0b7e4d2f8c6a1935";
/// That of [`UNIT`].
pub(super) const UNIT_TYPE_OF_UNIT: &str = "utype_91f4b6d83c05e27a";
