//! The table behind `runner/main.rs`: it names a shape's types, so that the program itself is the same for all.

use std::fmt::Write as _;

use crate::model::Type;
use crate::names::snake;
use crate::shape::Shape;

pub fn table(shape: Shape, types: &[Type], roots: &[usize]) -> String {
    let package = shape.package().replace('-', "_");
    let unwrap = if shape == Shape::Derive { ".expect(\"writing to memory\")" } else { "" };
    let page = &types.last().expect("the page is the last type").name;
    let names: Vec<_> = roots.iter().map(|&root| format!("{:?}", types[root].name)).collect();
    let mut out = format!(
        "use {package}::{{operations as o, {page}}};

        pub const ROOTS: &[&str] = &[{}];

        pub fn decode(body: &[u8]) -> {page} {{ o::decode_{function}(body).expect(\"the document fits\") }}

        pub fn encode(value: &{page}) -> Vec<u8> {{ o::encode_{function}(value){unwrap} }}

        pub fn round_trip(root: &str, body: &[u8]) -> Result<Vec<u8>, String> {{ Ok(match root {{\n",
        names.join(", "),
        function = snake(page),
    );
    for &root in roots {
        let (name, function) = (&types[root].name, snake(&types[root].name));
        writeln!(
            out,
            "{name:?} => o::encode_{function}(&o::decode_{function}(body).map_err(|error| error.to_string())?){unwrap},"
        )
        .unwrap();
    }
    out.push_str("_ => return Err(format!(\"{root} is no root\")),\n})}\n");
    out
}
