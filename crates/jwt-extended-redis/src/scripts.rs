//! The scripts, and calls of them.

use redis::Cmd;

/// Each whole as the server gets it: what they share, then its own text.
macro_rules! scripts {
    ($($name:ident)+) => {
        pub(crate) struct Scripts {
            $(pub(crate) $name: Script,)+
        }

        impl Scripts {
            pub(crate) fn new() -> Self {
                Self {
                    $($name: Script::new(concat!(
                        include_str!("../lua/facts.lua"),
                        include_str!(concat!("../lua/", stringify!($name), ".lua")),
                    )),)+
                }
            }
        }
    };
}

scripts!(revoke revoke_subject rotate list restore flask);

pub(crate) struct Script {
    text: &'static str,
    hash: String,
}

impl Script {
    fn new(text: &'static str) -> Self {
        Self { text, hash: redis::Script::new(text).get_hash().to_owned() }
    }
}

/// One call of a script, to be sent once or more.
pub(crate) struct Call<'s> {
    script: &'s Script,
    keys: Vec<String>,
    args: Vec<String>,
}

impl<'s> Call<'s> {
    pub(crate) fn new<const K: usize, const A: usize>(
        script: &'s Script,
        keys: [String; K],
        args: [String; A],
    ) -> Self {
        Self { script, keys: keys.into(), args: args.into() }
    }

    /// By its hash, which is all that a server needs that has seen it.
    pub(crate) fn by_hash(&self, again: bool) -> Cmd {
        self.command("EVALSHA", &self.script.hash, again)
    }

    /// By its text, for a server that forgot.
    pub(crate) fn by_text(&self, again: bool) -> Cmd {
        self.command("EVAL", self.script.text, again)
    }

    /// The last argument says whether it was sent before; only some scripts want to know.
    fn command(&self, name: &str, script: &str, again: bool) -> Cmd {
        let mut command = redis::cmd(name);
        command.arg(script).arg(self.keys.len()).arg(&self.keys).arg(&self.args);
        command.arg(if again { "1" } else { "" });
        command
    }
}
