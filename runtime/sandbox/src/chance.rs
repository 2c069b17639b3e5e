//! Numbers by chance, the same in every run with the same seed.

/// `SplitMix64`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// As if so many numbers had been drawn.
    pub(crate) fn after(seed: u64, drawn: u64) -> Self {
        Self(seed.wrapping_add(drawn.wrapping_mul(STEP)))
    }

    pub(crate) fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }
}

/// That of `SplitMix64`. All seeds go round one circle, from places that are as many numbers apart as there
/// are steps from one to the other: of neighboring seeds far more than anybody draws.
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_can_be_drawn_without_those_before_it() {
        let mut chance = Chance::new(7);
        let drawn = [(); 4].map(|()| chance.draw());
        assert_eq!([0, 1, 2, 3].map(|before| Chance::after(7, before).draw()), drawn);
    }
}
