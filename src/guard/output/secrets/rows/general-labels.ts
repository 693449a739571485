/**
 * Labels of any service, and the words that say that a key is no secret.
 *
 * @packageDocumentation
 */

/**
 * key: what follows is masked when it looks random; password: when it is no placeholder; innocent:
 * what follows is no secret, whatever else the name says.
 */
export type GeneralLabel = 'key' | 'password' | 'innocent'

export const GENERAL_LABELS: readonly (readonly [kind: GeneralLabel, labels: string])[] = [
  [
    'key',
    `|key| |token| token| secret| |auth| |authorization| |credential| |creds| api_key| access_key|
     secret_key| auth_key| private_key| signing_key| encryption_key| license_key| shared_key| master_key|
     |api| |access| |client_id| |client_key| |session_id| |sessid| |bearer| |jwt| |dsn| secret_base|
     |otp| |totp| |seed| |pin| |psk| preshared_key| |sas_token| |cookie| |passkey|`,
  ],
  [
    'password',
    `password| passwd| |pwd| pwd| |pass| passphrase| |passcode| |pw| |user_pass| |db_pass| |passwort|
     |kennwort| |mot_de_passe| |contrasena| |senha| |wachtwoord| |user_pw| |root_pw|`,
  ],
  [
    'innocent',
    `|public| pub_key| |publishable| site_key| |primary| |foreign| |partition| |sort| |row| |cache|
     |cache_key| |index| |map| hash| |name| |path| |file| |file_name| |type| |size| |length| |url| |uri|
     |endpoint| |version| |tab| |press| |key_press| |key_down| |key_up| |ring| |key_ring| |frame|
     |key_frame| |stroke| |event| |sequence| |unique| |composite| |natural| |surrogate| |translation|
     |locale| |label| |order| |group| |lookup| |idempotency| |routing| |correlation| csrf| xsrf|
     |key_id| |token_id| |kid| |key_vault| |fingerprint| |thumbprint| |checksum| |digest| |integrity|
     |etag| |sha1| |sha256| |sha512| |md5| |commit| |uuid| |guid| |region| |bucket| |arn| host_key|
     |key_space| |key_store| |key_code| |object_key| |issue_key| |project_key| |expiry| |expires| |count|
     |limit| |field| |column| |format| |algorithm| |issuer| |selector| |policy| |schema| |class|
     |monitor| |board| |store| |image| |icon| |color| |date| |time| |time_stamp| |ttl| |max| |min|
     |role| |scope| |model| |tokenizer| |vocab| |eos| |bos| |pad| |mask| |sep| |unk| |access_level|
     |access_mode| |access_time| |prefix| |suffix| |package| |module| |lock| |revision| |address| |recv_keys| |keyserver| |gpg| |pgp| |pass_arg| |pass_through| |pass_rate|`,
  ],
]
