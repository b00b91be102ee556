//! The sandbox's account of both APIs, and a call in it.
#![allow(dead_code)] // each test takes what it needs

pub(crate) mod vectors;

use calltransfer::{Config, ConfigBuilder, blocking};
use calltransfer_sandbox::{IncomingCall, Sandbox};

pub(crate) fn v1() -> ConfigBuilder {
    Config::builder()
        .user_id("u-sandbox")
        .token("t-sandbox")
        .secret("s-sandbox")
}

pub(crate) fn v2() -> ConfigBuilder {
    Config::builder()
        .account_id("9900000")
        .client_id("client-sandbox")
        .client_secret("client-secret-sandbox")
}

pub(crate) fn client(sandbox: &Sandbox, config: ConfigBuilder) -> blocking::Client {
    blocking::Client::new(config.base_url(sandbox.url()).build().unwrap())
}

pub(crate) fn place(sandbox: &Sandbox) -> String {
    let call = IncomingCall::new("+19195550100", "+18385550199");
    sandbox.place_incoming_call(call).unwrap()
}
