//! The codes of log types.

/// The types that are stored unless the configuration says otherwise: successful
/// login, failed login, successful exchange of a code for a token, failed login
/// by a wrong password.
pub const DEFAULT: [&str; 4] = ["s", "f", "seacft", "fp"];

/// The codes that Auth0 documents. New ones appear every few months.
const KNOWN: &str = "acls_summary actions_execution_failed acul_sdk_notice api_limit api_limit_warning \
     appi ciba_exchange_failed ciba_exchange_succeeded ciba_start_failed \
     ciba_start_succeeded cls connected_accounts_connection_failed \
     connected_accounts_connection_succeeded connected_accounts_delete_failed \
     connected_accounts_delete_succeeded cs custom_domain_verification_failed depnote \
     directory_sync_completed directory_sync_failed directory_sync_started f \
     failed_on_behalf_of_token_exchange fc fce fco fcoa fcp fcph fcpn fcpr fcpro fcu fd \
     fdeac fdeaz fdecc fdeleacft fdelsa fdu feacft feccft fecte fede \
     federated_logout_failed fens feoobft feotpft fepft fepotpft fercft ferrt fertft feta \
     fi flo flows_execution_completed flows_execution_failed fn forms_submission_failed \
     forms_submission_succeeded fp fpar fpurh fs fsa fscim fu fui fv fvr \
     gd_auth_email_verification gd_auth_fail_email_verification gd_auth_failed \
     gd_auth_rejected gd_auth_succeed gd_enrollment_complete gd_otp_rate_limit_exceed \
     gd_recovery_failed gd_recovery_rate_limit_exceed gd_recovery_succeed gd_send_email \
     gd_send_email_verification gd_send_email_verification_failure gd_send_pn \
     gd_send_pn_failure gd_send_sms gd_send_sms_failure gd_send_voice \
     gd_send_voice_failure gd_start_auth gd_start_enroll gd_start_enroll_failed \
     gd_tenant_update gd_unenroll gd_update_device_account gd_webauthn_challenge_failed \
     gd_webauthn_enrollment_failed idjag_exchange_failed idjag_exchange_succeeded \
     jwt_bearer_exchange_failed kms_key_management_failure kms_key_management_success \
     kms_key_state_changed limit_delegation limit_mu limit_phone limit_sul limit_wc mfar \
     mgmt_api_read my_account_authentication_method_failed \
     my_account_authentication_method_succeeded oidc_backchannel_logout_failed \
     oidc_backchannel_logout_succeeded organization_member_added passkey_challenge_failed \
     passkey_challenge_started pla pwd_leak reset_pwd_leak resource_cleanup \
     rich_consents_access_error s sapi sce scoa scp scpn scpr scu scv sd sdel sdeleacft \
     sdelsa sdu seacft seccft secte sede sens seoobft seotpft sepft sepkoobft sepkotpft \
     sepkrcft sercft sertft seta si signup_pwd_leak slo srrt ss ss_sso_failure \
     ss_sso_info ss_sso_success ssa sscim success_on_behalf_of_token_exchange sui sv svr \
     token_quota_consumption_warning too_many_records ublkdu universal_logout_failed \
     universal_logout_succeeded w wn wum";

/// Whether Auth0 documents a code.
pub fn is_known(code: &str) -> bool {
    KNOWN.split(' ').any(|known| known == code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_types_are_documented() {
        assert!(DEFAULT.into_iter().all(is_known));
        assert!(is_known("fu") && is_known("sdu") && !is_known("") && !is_known("xyz"));
    }
}
