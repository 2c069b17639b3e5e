//! What is remembered of a value, to recognize it when it comes again.

use std::hash::{Hash, Hasher};

use sha2::{Digest as _, Sha256};
use specwright_core::random::Random;

/// What is remembered of a value: 16 bytes, however long the value is.
pub(super) type Mark = u128;

/// Makes the marks of one walk.
///
/// Two values with one mark would be taken for one. Among five million there are two such by a chance of one to 10^25, and
/// nobody can look for them: the key is drawn anew for each walk.
pub(super) struct Marks([u8; 16]);

impl Marks {
    pub(super) fn draw(random: &dyn Random) -> Self {
        let mut key = [0; 16];
        random.fill(&mut key);
        Self(key)
    }

    pub(super) fn of(&self, value: &impl Hash) -> Mark {
        let mut bytes = Bytes(Sha256::new_with_prefix(self.0));
        value.hash(&mut bytes);
        // Half of the digest: nobody who knows it can go on computing, as one could with all of it.
        let digest: [u8; 32] = bytes.0.finalize().into();
        digest.iter().take(16).fold(0, |mark, byte| mark << 8 | Mark::from(*byte))
    }
}

/// Takes the bytes of a value as `Hash` gives them: other ones for another value.
struct Bytes(Sha256);

impl Hasher for Bytes {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        unreachable!("a mark has more bits than this")
    }
}
