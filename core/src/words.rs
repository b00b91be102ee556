//! Enumerations whose members have a name and a number that every language shares.

/// Each member with its doc, its number and its name.
macro_rules! words {
    (
        $(#[$of:meta])* $type:ident
        $($(#[$doc:meta])+ $variant:ident = $number:literal $name:literal,)+
    ) => {
        $(#[$of])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $type {
            $($(#[$doc])+ $variant,)+
        }

        impl $type {
            /// Every one, in the sequence of the numbers.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name that every language uses.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// The number that the C interface uses; never changed, never reused.
            pub const fn number(self) -> i32 {
                match self { $(Self::$variant => $number),+ }
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}
pub(crate) use words;
