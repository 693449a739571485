/**
 * Ordinary prompts in other languages that carry the words of attacks, written for this trainer.
 *
 * @packageDocumentation
 */
import { lines, words, type Grammar } from './grammar.ts'

export const BENIGN_LANGUAGE_WORDS: Grammar = {
  'xx-tool': words('Python|Git|Excel|Linux|Docker|Word|Java|Windows|Photoshop|SQL'),
  'de-ok': lines(`
    Wie (ignoriere/überschreibe/lösche/umgehe/vergesse) ich (eine Warnung/die vorherige Version/alte Einstellungen/leere Zeilen/die Systemeinstellung/einen Fehler) in {xx-tool}?
    (Kann ich/Soll ich/Darf ich) (diese Warnung/die Anweisungen im Handbuch/die vorherige Nachricht/den Hinweis oben) (ignorieren/überspringen/löschen)?
    Was (ist/bedeutet) (ein Systemprompt/Prompt Injection/der Entwicklermodus/"Anweisungen befolgen")?
    (Schreibe/Verfasse) (eine Geschichte/ein Gedicht/eine Szene) über (einen Roboter, der seine Anweisungen vergisst/einen Detektiv in Hamburg/eine geheime Botschaft/meinen Hund).
    Ich (habe/hatte) (alle Regeln von Schach/mein Passwort/die Anweisungen des Arztes) vergessen. (Was soll ich tun/Kannst du mir helfen)?
    (Ich möchte/Ich würde gerne) wissen, (welche Angebote es in meiner Stadt gibt/wie ich mein Deutsch verbessere/was beim Kauf einer Wohnung wichtig ist/wie man gesund kocht). (Kannst du mir Tipps geben/Was empfiehlst du/Haben Sie Vorschläge)?
    (Welche/Was für) (Auswirkungen hat/Folgen hat/Vorteile hat) (die Digitalisierung/der Klimawandel/das Homeoffice/die Inflation) (auf die Schulen/für Familien/in Europa)?
    (Wer/Wann/Wo) (war der erste Kanzler/wurde das Telefon erfunden/liegt der höchste Berg/ist die nächste Wahl)?
    (Rentenreform/Wohnungsmarkt/Tierschutz/Energiepreise/Verkehrswende/Fachkräfte/Impfungen) (Deutschland/Europa/Schweiz/Kinder/Städte)
    (Stell dir vor/Angenommen), (du planst eine Reise/wir sind im Restaurant und üben Deutsch/es gäbe keine Autos). (Wie würde das aussehen/Beschreibe es).`),
  'xx-ok': lines(`
    Comment (ignorer/désactiver/remplacer/oublier) (un avertissement/la version précédente/les paramètres du système/un mot de passe) dans {xx-tool} ?
    Qu'est-ce qu'(un prompt système/une injection de prompt/un mode développeur) ?
    Écris (une histoire/un poème) sur (un robot qui oublie ses instructions/une reine et ses règles/la mer).
    ¿Cómo (ignoro/desactivo/omito/sobrescribo) (una advertencia/los ajustes del sistema/la versión anterior) en {xx-tool}?
    ¿Qué significa (un prompt del sistema/seguir las instrucciones/modo desarrollador)?
    Escribe (un cuento/un poema) sobre (un robot que olvida sus reglas/el mar/una reina).
    Come (ignoro/disattivo) (un avviso/le impostazioni precedenti) in {xx-tool}?
    Como (ignorar/desativar) (um aviso/a versão anterior/as regras do sistema) no {xx-tool}?
    Hoe (negeer/reset) ik (een waarschuwing/de vorige versie) in {xx-tool}?
    Jak (zignorować/wyłączyć) (ostrzeżenie/poprzednią wersję) w {xx-tool}?
    Как (игнорировать/отключить/сбросить/обойти) (предупреждение/предыдущие настройки/ошибку/системное сообщение) в {xx-tool}?
    Что (такое/означает) (системный промпт/режим разработчика/инструкция по применению)?
    Напиши (рассказ/стихотворение) о (роботе, который забыл инструкции/море/старом доме).
    如何在{xx-tool}中(忽略/跳过/关闭/覆盖)(警告/之前的设置/系统提示/错误)？
    (什么是/请解释)(系统提示词/提示注入/开发者模式)？
    写一个关于(忘记指令的机器人/大海/一位老师)的故事。
    {xx-tool}で(警告/以前の設定/エラー)を(無視する/無効にする)方法は？
    {xx-tool}에서 (경고를/이전 설정을) (무시하는/끄는) 방법은?
    {xx-tool} में (चेतावनी/पिछली सेटिंग) को (अनदेखा/बंद) कैसे करें?
    كيف (أتجاهل/أعطل) (التحذير/الإعدادات السابقة) في {xx-tool}؟
    {xx-tool} içinde (uyarıyı/önceki ayarları) nasıl (yok sayarım/kapatırım)?
    Làm thế nào để (bỏ qua/tắt) (cảnh báo/cài đặt trước đó) trong {xx-tool}?
    Bagaimana cara (mengabaikan/menonaktifkan) (peringatan/pengaturan sebelumnya) di {xx-tool}?`),
}

export const BENIGN_LANGUAGE_SHAPES: readonly string[] = words('{de-ok}|{de-ok}|{xx-ok}|{xx-ok}')
