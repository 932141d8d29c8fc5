//! Keys that change while the service runs.

use jwt_extended::{AuthError, BoxError, DecodeOptions, ErrorKind, Keyring, VerifiedToken};
use std::sync::Arc;

use crate::error::Error;
use crate::manager::JwtManager;

impl<M: 'static> JwtManager<M> {
    /// The keys with which tokens are made and checked at this moment.
    pub fn keys(&self) -> Arc<Keyring> {
        self.inner.engine.keys()
    }

    /// Puts other keys in the place of all present ones, at once and for all requests; what
    /// [`JwtManager::jwks`] publishes follows. Tokens of a key that is not among them are refused from
    /// then on. Where the new keys come of the present ones, [`JwtManager::update_keys`] is the way.
    pub fn replace_keys(&self, keys: Keyring) {
        self.inner.engine.replace_keys(keys);
        self.tell_of_new_keys();
    }

    /// Makes other keys of the present ones, and puts them in their place. Of two changes at once, one waits
    /// for the other, so that neither is lost; `change` must not change keys itself. On an error the keys stay
    /// as they are.
    ///
    /// ```
    /// # use axum_jwt_extended::{JwtManager, KeyError, SigningKey};
    /// /// A new key signs; tokens of the old one stay good.
    /// fn rotate(jwt: &JwtManager, new: SigningKey) -> Result<(), KeyError> {
    ///     jwt.update_keys(|keys| keys.rotate_to(new))
    /// }
    ///
    /// /// The last token of that key has expired, or the key has leaked.
    /// fn withdraw(jwt: &JwtManager, kid: &str) -> Result<(), KeyError> {
    ///     jwt.update_keys(|keys| keys.withdraw(kid))
    /// }
    /// ```
    pub fn update_keys<E>(
        &self,
        change: impl FnOnce(Keyring) -> Result<Keyring, E>,
    ) -> Result<(), E> {
        self.inner.engine.update_keys(change)?;
        self.tell_of_new_keys();
        Ok(())
    }

    fn tell_of_new_keys(&self) {
        let keys = self.keys();
        let signing = keys.signing_key().map(|key| key.kid().unwrap_or("a key without a name"));
        tracing::info!(signing, verifying = keys.verifying_keys().len(), "the keys were replaced");
    }

    /// Reads the keys again from where they came: the environment and its `*_FILE` files for a manager of
    /// [`JwtManager::from_env`], otherwise [`JwtManagerBuilder::key_source`]. If anything is wrong with
    /// what is found, the present keys stay, and the error says why.
    ///
    /// It reads files, so it is short, but it blocks. Of two calls at once, the second reads what is there when the
    /// first is done.
    ///
    /// ```
    /// # use axum_jwt_extended::JwtManager;
    /// # #[cfg(unix)]
    /// /// `kill -HUP` makes the service read its keys again.
    /// async fn reload_on_hangup(jwt: JwtManager) -> std::io::Result<()> {
    ///     use tokio::signal::unix::{SignalKind, signal};
    ///
    ///     let mut hangup = signal(SignalKind::hangup())?;
    ///     while hangup.recv().await.is_some() {
    ///         if let Err(error) = jwt.reload_keys() {
    ///             tracing::error!(error, "the keys stay as they were");
    ///         }
    ///     }
    ///     Ok(())
    /// }
    /// ```
    ///
    /// [`JwtManagerBuilder::key_source`]: crate::JwtManagerBuilder::key_source
    pub fn reload_keys(&self) -> Result<(), BoxError> {
        let source = self.inner.key_source.as_ref().ok_or(
            "there is nowhere to read keys from: make the manager with `JwtManager::from_env`, or \
             give its builder a `key_source`",
        )?;
        self.update_keys(|_| source())
    }

    /// Reads a token and checks signature, times, issuer, audience and subject: neither its type, nor
    /// freshness, nor revocation. Upstream's `decode_token`. To let somebody in, or to refresh their token, use
    /// [`JwtManager::authenticate`] or [`JwtManager::authenticate_token`].
    ///
    /// Where [`decode_keys`](crate::JwtManagerBuilder::decode_keys) chooses the keys, only
    /// [`JwtManager::decode_with`] can: this is no `async fn` that could wait for them.
    pub fn decode(&self, token: &str, options: &DecodeOptions) -> Result<VerifiedToken, Error> {
        if self.inner.decode_keys.is_some() {
            return Err(self.error(AuthError::new(
                ErrorKind::Misconfigured,
                "the keys of this manager are chosen for each token, by `decode_keys`: say which \
                 are meant, with `decode_with`",
            )));
        }
        self.inner.engine.decode(token, options).map_err(|error| self.error(error))
    }

    /// As [`JwtManager::decode`], with these keys.
    pub fn decode_with(
        &self,
        keys: &Keyring,
        token: &str,
        options: &DecodeOptions,
    ) -> Result<VerifiedToken, Error> {
        self.inner.engine.decode_with(keys, token, options).map_err(|error| self.error(error))
    }
}
