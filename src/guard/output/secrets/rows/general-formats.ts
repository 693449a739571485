/** Forms of no vendor: standards, tools, headers. */
import type { FormatRow } from '../secret-row.ts'

const AUTH = 'RFC 9110 §11, RFC 6750; a credential of any service'

export const GENERAL_FORMATS: readonly FormatRow[] = [
  ['jwt', 'eyJ<word:5-512>.eyJ<dot:8->', 'RFC 7519; a bearer token is a key until it expires'],
  ['jwt-of-spaced-json', 'eyAi<word:8-480>.<dot:30-> ewo<word:8-480>.<dot:30->', 'RFC 7519'],
  ['jwe', 'eyJ<word:12-480>.<dot:40->', 'RFC 7516, and JWS of other payloads'],
  ['jwt-in-base64', 'ZXlK<base64pad:100->', 'RFC 7519, encoded once more'],
  ['age-secret-key', 'AGE-SECRET-KEY-1<upper:58>', 'github.com/FiloSottile/age'],
  [
    'private-key-in-base64',
    [
      'LS0tLS1CRUdJTiBQUklWQVRF<base64pad:40->',
      'LS0tLS1CRUdJTiBSU0EgUFJJVkFURS<base64pad:40->',
      'LS0tLS1CRUdJTiBFQyBQUklWQVRF<base64pad:40->',
      'LS0tLS1CRUdJTiBEU0EgUFJJVkFURS<base64pad:40->',
      'LS0tLS1CRUdJTiBPUEVOU1NIIFBSSVZBVEU<base64pad:40->',
      'LS0tLS1CRUdJTiBFTkNSWVBURUQgUFJJVkFURS<base64pad:40->',
      'LS0tLS1CRUdJTiBQR1AgUFJJVkFURS<base64pad:40->',
      'LS0tLS1CRUdJTi<base64:1>SU0EgUFJJVkFURS<base64pad:40->',
    ].join(' '),
    'RFC 7468, encoded once more, as Kubernetes and CI variables hold keys',
  ],
  [
    'openssh-key-body',
    'b3BlbnNzaC1rZXktdjEAAAA<base64pad:60->',
    'PROTOCOL.key of OpenSSH, its first line',
  ],
  ['bearer-token', 'Bearer␠^<token:10-512> bearer␠^<token:10-512>', AUTH],
  [
    'login-of-curl',
    [
      '-u␠<login:1-64>:^<visible:3-100>',
      '-u␠"<login:1-64>:^<visible:3-100>',
      "-u␠'<login:1-64>:^<visible:3-100>",
      '--user␠<login:1-64>:^<visible:3-100>',
      '--user␠"<login:1-64>:^<visible:3-100>',
      "--user␠'<login:1-64>:^<visible:3-100>",
    ].join(' '),
    'curl.se/docs/manpage.html',
  ],
  ['basic-credentials', 'Basic␠^<base64pad:12-512> basic␠^<base64pad:12-512>', AUTH],
  ['vault-unseal-key', 'operator␠unseal␠^<base64pad:44->', 'developer.hashicorp.com/vault'],
  ['thingsboard-url', 'thingsboard.cloud/api/v1/^<lower:20>', 'thingsboard.io/docs'],
  [
    'netrc-password',
    'login<blank:1-8><visible:1-80><blank:1-8>password<blank:1-4>^<visible:4-100>',
    'netrc(5)',
  ],
  [
    'bcrypt-hash',
    '$2a$<digit:2>$<slug:53> $2b$<digit:2>$<slug:53> $2y$<digit:2>$<slug:53>',
    'crypt(5)',
  ],
  ['sha-crypt-hash', '$6$<slug:1-20>$<slug:86> $5$<slug:1-20>$<slug:43>', 'crypt(5)'],
  ['md5-crypt-hash', '$1$<slug:1-8>$<slug:22> $apr1$<slug:1-8>$<slug:22>', 'crypt(5), htpasswd'],
  ['cisco-hash', '$8$<slug:14>$<slug:43> $9$<slug:14>$<slug:43>', 'cisco.com, password types'],
  [
    'argon2-hash',
    '$argon2id$v=19$m=<digit:3-7>,t=<digit:1-2>,p=<digit:1-2>$<base64:16-44>$<base64:32-90>',
    'RFC 9106',
  ],
  ['kerberos-hash', '$krb5asrep$23$<visible:40-> $krb5tgs$23$<visible:40->', 'hashcat.net/wiki'],
  ['htpasswd-sha', '{SHA}<base64:27>= {SSHA}<base64pad:32->', 'httpd.apache.org/docs'],
  ['ansible-vault', '$ANSIBLE_VAULT;1.1;AES256', 'docs.ansible.com/vault_guide'],
  ['bitcoin-extended-key', 'xprv<alnum:107>', 'BIP 32'],
  ['nostr-secret-key', 'nsec1<lower:58>', 'NIP-19'],
  ['stellar-seed', 'SB<base32:54> SC<base32:54> SD<base32:54> SA<base32:54>', 'SEP-23'],
]
