//! Hands mail in at the relay (SMTP).

use std::time::Duration;

use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls as Protection, TlsParameters};
use lettre::transport::smtp::{self, AsyncSmtpTransport};
use lettre::{AsyncTransport, Message, Tokio1Executor};
use tokio::time::timeout;

use crate::config::{Email, Tls};
use crate::fetch::{Failure, Sent};

/// How long the relay may take for one letter in all, and to say one thing.
const LONGEST: Duration = Duration::from_mins(2);
const LONGEST_SILENCE: Duration = Duration::from_secs(30);
/// The most of the relay's own words that is kept, in characters.
const LONGEST_REASON: usize = 300;

/// The way to the relay, and who writes.
#[derive(Debug)]
pub struct Post {
    email: Email,
    transport: AsyncSmtpTransport<Tokio1Executor>,
}

impl Post {
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new(email: Email, password: Option<String>) -> Result<Self, Failure> {
        let relay = email.relay.to_string();
        let protection = match email.tls {
            Tls::None => Protection::None,
            Tls::Start => Protection::Required(parameters(&relay)?),
            Tls::Whole => Protection::Wrapper(parameters(&relay)?),
        };
        let builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(relay).port(email.port).tls(protection);
        let builder = builder.timeout(Some(LONGEST_SILENCE));
        let user = email.auth.as_ref().map(|auth| auth.user.clone());
        let builder = match user.zip(password) {
            Some((user, password)) => builder.credentials(Credentials::new(user, password)),
            None => builder,
        };
        Ok(Self { transport: builder.build(), email })
    }

    /// Who writes, and by which relay.
    #[must_use]
    pub fn email(&self) -> &Email {
        &self.email
    }

    /// Hands in one letter.
    pub async fn send(&self, message: Message) -> Sent {
        match timeout(LONGEST, self.transport.send(message)).await {
            Ok(Ok(_)) => Sent::Taken,
            Ok(Err(error)) => Sent::Refused(self.failure(&error)),
            Err(_) => Sent::Refused(Failure::Temporary(format!("the relay `{}` took more than {} s", self.email.relay, LONGEST.as_secs()))),
        }
    }

    fn failure(&self, error: &smtp::Error) -> Failure {
        // The relay's own words are in it, on lines of any number and length.
        let said: String = error.to_string().split_whitespace().collect::<Vec<_>>().join(" ").chars().take(LONGEST_REASON).collect();
        let text = format!("the relay `{}` did not take it: {said}", self.email.relay);
        if error.is_permanent() { Failure::Permanent(text) } else { Failure::Temporary(text) }
    }
}

/// Trusts whom the system trusts, and who is known to browsers.
fn parameters(relay: &str) -> Result<TlsParameters, Failure> {
    let failed = |error: smtp::Error| Failure::Permanent(format!("TLS to the relay `{relay}` cannot be set up: {error}"));
    let mut builder = TlsParameters::builder(relay.to_owned());
    for root in webpki_root_certs::TLS_SERVER_ROOT_CERTS {
        builder = builder.add_root_certificate(Certificate::from_der(root.to_vec()).map_err(failed)?);
    }
    builder.build_rustls().map_err(failed)
}
