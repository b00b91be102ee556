//! The sets of values that the reference closes, each as an enum with its words on the wire.

/// What a reader of words needs to know of a set.
pub(super) trait ClosedSet: Sized {
    /// The value with this word. Case counts.
    fn from_text(word: &str) -> Option<Self>;
    /// The platform's word for it.
    fn word(&self) -> &'static str;
    /// All words, as an error message lists them.
    fn words() -> String;
}

macro_rules! closed_set {
    (
        $(#[$meta:meta])*
        $name:ident { $($(#[$vmeta:meta])* $variant:ident => $word:literal,)+ }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$vmeta])* $variant,)+
        }

        impl $name {
            /// Every value, in the order of the reference.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The platform's word for it.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// The value with this word, if there is one. Case counts.
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }
        }

        impl ClosedSet for $name {
            fn from_text(word: &str) -> Option<Self> {
                Self::from_word(word)
            }

            fn word(&self) -> &'static str {
                self.as_str()
            }

            fn words() -> String {
                [$($word),+].join(", ")
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }
    };
}

closed_set! {
    /// The file format of a recording. Source: `recordingFileFormat`.
    RecordingFileFormat {
        /// WAV, the platform's default.
        Wav => "wav",
        /// MP3.
        Mp3 => "mp3",
    }
}

closed_set! {
    /// The gender of a synthetic voice. Source: `whisperAudio.gender`.
    Gender {
        /// A female voice, the platform's default.
        Female => "female",
        /// A male voice.
        Male => "male",
    }
}

closed_set! {
    /// What is done with Diversion headers on the new leg. Source: `diversionTreatment`.
    DiversionTreatment {
        /// No Diversion header is sent: the platform's default.
        None => "none",
        /// The header of the incoming leg is passed on, if there is one.
        Propagate => "propagate",
        /// As `Propagate`, and one more header on top, naming the number that was called. Use it
        /// for incoming calls only: the vendor warns that an outbound call may drop with it.
        Stack => "stack",
    }
}

closed_set! {
    /// Why a call was diverted; goes into the header that `stack` adds. Source: `diversionReason`.
    DiversionReason {
        /// `unknown`, the platform's default.
        Unknown => "unknown",
        /// `user-busy`
        UserBusy => "user-busy",
        /// `no-answer`
        NoAnswer => "no-answer",
        /// `unavailable`
        Unavailable => "unavailable",
        /// `unconditional`
        Unconditional => "unconditional",
        /// `time-of-day`
        TimeOfDay => "time-of-day",
        /// `do-not-disturb`
        DoNotDisturb => "do-not-disturb",
        /// `deflection`
        Deflection => "deflection",
        /// `follow-me`
        FollowMe => "follow-me",
        /// `out-of-service`
        OutOfService => "out-of-service",
        /// `away`
        Away => "away",
    }
}
