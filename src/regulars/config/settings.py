"""Django's settings. Everything that may differ between installations comes from `variables`."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONCE, NONE, SELF
from django.utils.translation import gettext_lazy as _

from regulars.config import database, folders, variables
from regulars.config import secrets as installation_secrets
from regulars.config.sqlite import use_recent_sqlite

use_recent_sqlite()

PACKAGE = Path(__file__).resolve().parent.parent
DATA = folders.data_folder()
DEBUG = variables.DEBUG.read()
PUBLIC_URL = variables.PUBLIC_URL.read()
SERVED_OVER_HTTPS = PUBLIC_URL.startswith("https://")

DATABASES = {"default": database.database_settings(variables.DATABASE_URL.read(), folder=DATA)}
ATOMIC_REQUESTS = False
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

_sqlite_file = DATABASES["default"]["NAME"]
SECRETS = installation_secrets.load_secrets(
    DATA, database=_sqlite_file if isinstance(_sqlite_file, Path) else None
)
SECRET_KEY = SECRETS.key

# --- What is installed -------------------------------------------------------------------------

INSTALLED_APPS = [
    "regulars.core",
    "regulars.business",
    "regulars.accounts",
    "regulars.customers",
    "regulars.mailing",
    "regulars.surveys",
    "regulars.feedback",
    "regulars.rewards",
    "regulars.insight",
    "regulars.outreach",
    "regulars.portal",
    "regulars.console",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "anymail",
    "csp",
    "django_htmx",
    "django_tasks",
    "template_partials",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "regulars.core.middleware.headers",
    "regulars.core.reading.middleware",
    "regulars.core.bodies.middleware",
    "csp.middleware.CSPMiddleware",
    "regulars.config.hosts.middleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "regulars.core.middleware.language",
    "regulars.core.middleware.storable",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "regulars.accounts.middleware.SecondFactor",
    "django_htmx.middleware.HtmxMiddleware",
    "regulars.business.middleware.LocalTime",
    "regulars.core.middleware.refusals",
]

ROOT_URLCONF = "regulars.config.urls"
WSGI_APPLICATION = "regulars.config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "regulars.console.context.shell",
                "regulars.portal.context.portal",
            ],
        },
    },
]

# --- Who may come in ---------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.Staff"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
BREACHED_PASSWORDS = variables.BREACHED_PASSWORDS.read()
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "regulars.accounts.passwords.GuessableValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_ADAPTER = "regulars.accounts.adapters.AccountAdapter"
_forms = "regulars.accounts.allauth_forms"
ACCOUNT_FORMS = {
    "login": f"{_forms}.LoginForm",
    "reauthenticate": f"{_forms}.ReauthenticateForm",
    "reset_password": f"{_forms}.ResetPasswordForm",
    "reset_password_from_key": f"{_forms}.ResetPasswordKeyForm",
    "change_password": f"{_forms}.ChangePasswordForm",
    "set_password": f"{_forms}.SetPasswordForm",
}
MFA_FORMS = {
    "authenticate": f"{_forms}.AuthenticateForm",
    "reauthenticate": f"{_forms}.ReauthenticateCodeForm",
    "activate_totp": f"{_forms}.ActivateTOTPForm",
    "add_webauthn": f"{_forms}.AddWebAuthnForm",
    "edit_webauthn": f"{_forms}.EditWebAuthnForm",
}
MFA_ADAPTER = "regulars.accounts.adapters.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
# Staff come by an invitation or by the claim link, not by proving an address.
MFA_ALLOW_UNVERIFIED_EMAIL = True
# A browser gives passkeys to http only on localhost; this lets the library follow it there.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = urlsplit(PUBLIC_URL).hostname in {None, "localhost"}

# --- Hosts, cookies, headers -------------------------------------------------------------------

ALLOWED_HOSTS = ["*"]  # regulars.config.hosts refuses: a list could not name the shop's network
USE_X_FORWARDED_HOST = False
PORT = variables.PORT.read()
TRUSTED_PROXIES = variables.TRUSTED_PROXIES.read()
if SERVED_OVER_HTTPS and TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
_cookie_prefix = "__Host-" if SERVED_OVER_HTTPS else ""
SESSION_COOKIE_NAME = f"{_cookie_prefix}regulars_session"
SESSION_COOKIE_SECURE = SERVED_OVER_HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 30
CSRF_COOKIE_NAME = f"{_cookie_prefix}regulars_csrf"
CSRF_COOKIE_SECURE = SERVED_OVER_HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "regulars.core.failures.csrf"
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL] if PUBLIC_URL else []
LANGUAGE_COOKIE_NAME = f"{_cookie_prefix}regulars_language"
LANGUAGE_COOKIE_SECURE = SERVED_OVER_HTTPS
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
THEME_COOKIE_NAME = f"{_cookie_prefix}regulars_theme"
SECURE_HSTS_SECONDS = 31_536_000 if SERVED_OVER_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SERVED_OVER_HTTPS and variables.HSTS_SUBDOMAINS.read()
SECURE_SSL_REDIRECT = False
SILENCED_SYSTEM_CHECKS = [
    "security.W005",  # HSTS for subdomains is a setting: a shop may host other things there
    "security.W008",  # the redirect to https is the proxy's; a till in the shop may use http
    "security.W021",  # preloading is for the owner of the whole domain to decide
]
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "object-src": [NONE],
        "frame-ancestors": [NONE],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_000

# --- Files -------------------------------------------------------------------------------------

STATIC_URL = "static/"
STATIC_ROOT = folders.data_folder("static")  # whitenoise warns where it is missing
MEDIA_ROOT = DATA / "media"
MEDIA_URL = "media/"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "regulars.core.staticfiles.HashedStorage"},
}
STATICFILES_FINDERS = [
    "regulars.core.staticfiles.AppFilesFinder",
    "regulars.core.staticfiles.PackageFilesFinder",
]
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_KEEP_ONLY_HASHED_FILES = True

# --- Languages, time ---------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [
    ("en", _("English")),
    ("hu", _("Hungarian")),
    ("bg", _("Bulgarian")),
    ("et", _("Estonian")),
    ("ka", _("Georgian")),
]
LOCALE_PATHS = [Path(__file__).resolve().parent / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
FORMAT_MODULE_PATH = ["regulars.core.formats"]
USE_THOUSAND_SEPARATOR = True

# --- Background work, mail, cache, log ---------------------------------------------------------

TASKS = {"default": {"BACKEND": "regulars.core.queue.backend.LeaseBackend", "QUEUES": []}}
EMAIL_BACKEND = "regulars.mailing.backend.OutboxBackend"
TEXT_ENCODER = variables.TEXT_ENCODER.read()
TEXT_MODEL = variables.TEXT_MODEL.read()
TEXT_KEY = variables.TEXT_KEY.read()
SMTP_URL = variables.SMTP_URL.read()
MAIL_FROM = variables.MAIL_FROM.read()
_webhook_secret = variables.MAIL_WEBHOOK_SECRET.read()
ANYMAIL = {"WEBHOOK_SECRET": _webhook_secret} if _webhook_secret else {}
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "core_cache",
        # Past this many, entries go by their keys' order, counts of failed sign-ins among them.
        "OPTIONS": {"MAX_ENTRIES": 200_000},
    }
}
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "regulars.core.logs.LineFormatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": variables.LOG_LEVEL.read()},
    "loggers": {"fontTools": {"level": "WARNING"}},
}
TEST_RUNNER = "django.test.runner.DiscoverRunner"
