//! Shape A. The macros do records and unions; an open enum needs impls by hand.

use std::fmt::Write as _;

use crate::model::{Body, Type};

pub fn impls(out: &mut String, one: &Type) {
    if !matches!(one.body, Body::Enum(_)) {
        return;
    }
    let name = &one.name;
    writeln!(
        out,
        "impl Serialize for {name} {{
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {{ to.serialize_str(self.as_str()) }}
        }}

        impl<'de> Deserialize<'de> for {name} {{
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {{
                String::deserialize(from).map(|text| Self::from_text(&text))
            }}
        }}\n"
    )
    .unwrap();
}
