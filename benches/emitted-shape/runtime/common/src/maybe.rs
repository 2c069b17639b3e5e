/// A member with three states: left out, null, or a value.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Maybe<T> {
    /// The member is not there.
    #[default]
    Absent,
    /// The member is there and null.
    Null,
    /// The member has a value.
    Value(T),
}
