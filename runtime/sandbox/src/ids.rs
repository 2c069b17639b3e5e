//! Ids of resources and requests: they look random, never repeat, and are the same in every run.
//!
//! They hide nothing. Credentials are made in [`crate::secret`] instead.

/// Gives ids out, one after the other.
#[derive(Debug, Default)]
pub(crate) struct Ids {
    given: u64,
}

impl Ids {
    /// An id of a resource: `prefix` and 16 hex digits, the vendor's form.
    pub(crate) fn resource(&mut self, prefix: &str) -> String {
        format!("{prefix}{:016x}", self.next())
    }

    /// An id of a request, in the form of a version 4 UUID (RFC 9562, section 5.4).
    pub(crate) fn request(&mut self) -> String {
        let (high, low) = (self.next(), self.next());
        let hex = format!("{high:016x}{low:016x}");
        let part = |range: std::ops::Range<usize>| hex.get(range).unwrap_or_default().to_owned();
        format!(
            "{}-{}-4{}-8{}-{}",
            part(0..8),
            part(8..12),
            part(13..16),
            part(17..20),
            part(20..32)
        )
    }

    /// The `SplitMix64` finalizer: a bijection on 64 bits, so that two counts never give one id.
    fn next(&mut self) -> u64 {
        self.given = self.given.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.given;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_runs_give_the_same_ids() {
        let (mut one, mut other) = (Ids::default(), Ids::default());
        assert_eq!(one.resource("con_"), other.resource("con_"));
    }

    #[test]
    fn a_request_id_has_the_form_of_a_uuid() {
        let id = Ids::default().request();
        let lengths: Vec<usize> = id.split('-').map(str::len).collect();
        assert_eq!((lengths, id.as_bytes()[14]), (vec![8, 4, 4, 4, 12], b'4'));
    }
}
