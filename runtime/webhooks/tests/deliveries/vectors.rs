//! HMAC-SHA256 beside another implementation: all codes here were computed with OpenSSL 3, by
//! `openssl dgst -sha256 -mac HMAC -macopt hexkey:KEY`.

use super::*;

/// Lengths of key and body in bytes, and the code. With the time and its dot before it, a body of 44 or 53 bytes ends just
/// before the padding of a block of SHA-256 does, or fills one; a key of more than 64 bytes is hashed first.
const VECTORS: &[(usize, usize, &str)] = &[
    (1, 0, "00c633b429e98a025036290af76d6de9412c6a8091fd204ec9cc29d6d2d60517"),
    (1, 1, "6c5bb64bd4d70d13f1787a3f47febb7f3524e93433557cb04227ede3074caeee"),
    (1, 44, "8bb93f1026d67965da683ef8eb2a4bc7000722147a2a66beb7a1afd957ae6589"),
    (1, 52, "ddda37482e6054abf47f29201b3460d12efb8728322ff6726c0c3dd2e9454647"),
    (1, 53, "cef52912061555e902a696b3c96e19dfefe289e6c766181813ccbda1fd7e50c3"),
    (1, 63, "541487f7b2e726e953a5381d2284e60ce63f4379e4312218e67d5ad57a1cceb3"),
    (1, 1000, "4309e110e09d43777f85abce0f438c68709b39502b10a5d139d84a40f15b8fd8"),
    (31, 0, "965ce6ad7fd375058085208ddd8560d21c967e06050f197394457dd19af29154"),
    (31, 53, "13a4e0ec423d0b58fbe0e2960204f69cbf39c6485e1d90540c535d4fa3bcbace"),
    (32, 0, "1e835b9059b01b65ee1d50117104f330bfc6f9a53078cca23c0867973a30de7d"),
    (32, 53, "73e01ef39162aaeb86f097a26845f3925cfcce3127aff4bf4ee04ab5f2a96c54"),
    (63, 0, "8690fc3ceedc412235ac9611547e1153d9f30a85f24c9e973b47d50ee6c15493"),
    (63, 53, "ca69eb7d35e3acbe2c5b2cb39dc26e487691e574be9a7bb2323c7568fa3f9d96"),
    (64, 0, "ff6cd4609c01bf571b8c8f52ad62de487b910d54525897fe35c8b10c21ff0636"),
    (64, 1, "978d1f5e4c34a93a097d26468a1ed3c33bbd67f6cb501034f250a4b05b362160"),
    (64, 44, "f33de8e5a5989cddd6d89f123ac21f0e14a022956af9fe5c6d69d676c8b07737"),
    (64, 52, "44fe775cb0cc759f9563982c08fdbb7e8f4bb8b63e807e7b5907afb9d5ff0fe0"),
    (64, 53, "bba46e2c51eb367b2bce6ec95ec3d797a2670f3bc989e4dc069de64e5f32df61"),
    (64, 63, "63d573ac2c8379e60e08263bdb9147a9f8d1c2de0b78072fafee40d7e0793b01"),
    (64, 1000, "7177d3734e00a995bb106d00eaf1fd27dc2accbc87fb3a812f07e36bfbf1c03d"),
    (65, 0, "9a45d5d7140a856de4fa47c0461e27f53d6120f9646cfb6480c88c42bec1a301"),
    (65, 1, "fcd80b09070fed234be0ba711a4dd4cb20720469dc0aac28ff20d098b2789f49"),
    (65, 44, "902028ee95fa59cf79b91755faca632d711ecc85557a668efa1beaf5b853e4fb"),
    (65, 52, "227b8e52a5af84fa01a6e5ed08111aead9d95a0fea034ebadffc0c3c0386713c"),
    (65, 53, "8fabcf10dcf1b7ecbae0fdbeb6fd5ce8d26424c658159d01353210bb3b376395"),
    (65, 63, "7981004510ec3e24a802d5827b9a20c06bac17c32d4ef816bd9c7f149c3d0d2f"),
    (65, 1000, "307940bf331d5f93fcc22d78b47c418425fd7b1478311209ca0bf430ba96b5ed"),
    (128, 0, "5a3c1145c7075f52e5c8e6f9d7b68a4d19c7b22d5a493378bd505fc46264822a"),
    (128, 53, "04a81d36cea54972b3236765ed26fbd281c239b9db6595a995faca854a8d8e6b"),
    (200, 0, "afa32447e2e37703f4c7a0bd73962267d06760ea869591d0b4a7825b7621bb34"),
    (200, 53, "f652beaa58641f33203f4b068293c626bf2e9b2aea90cb8a64244eae77f9e598"),
];

#[test]
fn every_vector_is_verified() {
    for (key, body, hex) in VECTORS {
        assert!(verified(*key, *body, hex), "key of {key} bytes, body of {body}");
    }
}

#[test]
fn every_vector_is_signed() {
    for (key, body, hex) in VECTORS {
        let headers = signed(TIMESTAMPED, &cycle("fake-key-", *key), &text(*body));
        assert_eq!(headers[HEADER], format!("t={NOW},v1={hex}"), "key of {key}, body of {body}");
    }
}

#[test]
fn no_changed_code_is_verified() {
    for (key, body, hex) in VECTORS {
        let (left, right) = hex.split_at(32);
        let first = if hex.starts_with('0') { "1" } else { "0" };
        let last = if hex.ends_with('0') { "1" } else { "0" };
        for changed in [
            format!("{first}{}", &hex[1..]),
            format!("{}{last}", &hex[..63]),
            format!("{right}{left}"),
            left.to_owned(),
            format!("{left}{}", "0".repeat(32)),
            hex.chars().rev().collect(),
            "0".repeat(64),
            "f".repeat(64),
        ] {
            assert!(!verified(*key, *body, &changed), "{changed}");
        }
    }
}

#[test]
fn a_standard_message_is_signed_as_openssl_does() {
    let body = r#"{"type":"v1.booking.created"}"#;
    let headers = signed(Scheme::STANDARD, STANDARD_SECRET, body);
    assert_eq!(headers["webhook-signature"], "v1,66TSVLXontcs6HJhIItUJCHu5HuFFwDL6l3S9j9dT/E=");
}

fn verified(key: usize, body: usize, hex: &str) -> bool {
    Verifier::new(TIMESTAMPED, [cycle("fake-key-", key)])
        .unwrap()
        .verify(&header(format!("t={NOW},v1={hex}")), text(body), now())
        .is_ok()
}

fn text(length: usize) -> String {
    cycle(r#"{"fake":"body"} "#, length)
}

fn cycle(text: &str, length: usize) -> String {
    text.chars().cycle().take(length).collect()
}
