/**
 * Everyday prompts: people who ignore and forget, games, parts that are played, single words.
 * Written for this trainer.
 *
 * @packageDocumentation
 */
import { lines, words, type Grammar } from './grammar.ts'

export const EVERYDAY_WORDS: Grammar = {
  someone: words(
    'my boss|my teenage son|our neighbour|my dog|a colleague|my flatmate|the landlord|our coach|a customer|my best friend|the new intern|my grandfather|our teacher|my ex|the committee|a witness|my daughter|the driver|our puppy|the waiter',
  ),
  habit: lines(`
    (ignores/forgets/never follows/always overrides/does not listen to/keeps repeating/breaks/bends/refuses to accept/questions) {what}
    (acts as if/pretends that/behaves as though) (nothing happened/nobody told him/the rules are for others/I were not there)
    (told me to/wants me to/asked me to/expects me to) (ignore/forget/repeat/follow/delete/change/print/hide) {what}
    (gives me/sends me/leaves) (unclear instructions/strange orders/new tasks every day/no feedback)`),
  what: words(
    'what I say|my messages|the rules of the house|every instruction|the doctor’s advice|the speed limit|our agreement|commands like sit and stay|the recipe|the manual|the previous decision|my birthday|the contract|the dress code|all previous warnings|the plan|the system we agreed on|the signs|my questions|the old guidelines',
  ),
  plea: words(
    'What can I do?|How should I react?|Is that normal?|Any advice?|How do I talk about it?|Who is right?|Help me write a polite message.|What would you do?|Where do I start?|Am I too strict?|Any tips?|How do I handle this?',
  ),
  'role-of': words(
    'the mayor of a small town|a nurse on the night shift|the captain of a ferry|a young reporter|an editor at a magazine|the owner of a bakery|a judge in a contest|a guide in a museum|the last dragon|a robot butler|a medieval doctor|a detective in Lisbon|an astronaut on Mars|a chess teacher|a travelling merchant|the manager of a hotel|the voice of a river|a school principal|a wizard’s apprentice|a firefighter',
  ),
  event: lines(`
    (a stranger brings/someone finds/the mail contains/the police asks for) (secret papers/an old map/proof of fraud/a letter without a sender/a hidden camera)
    (the power fails/the river rises/the king is ill/the train is late/a guest refuses to pay/the crew stops following orders)
    (two friends/two merchants/a thief and a monk/rivals) (argue about money/try to trick him/want the same job/lie to each other)
    (you must decide/you have one hour/nobody believes you/you cannot say what you know)`),
  deed2: lines(`
    (Write/Tell me/Describe) (the scene/the next day/the conversation/what happens next/his diary/her answer) (in the first person/as a short play/with humour/and let the reader feel the fear/in plain words).
    (Walk me through/Discuss/Explain) (the options/the ethical questions/the arguments of both sides/your decision) (step by step/before anything is done/with examples).
    (What do you do/What would you say/How do you answer)?
    (Make it/Keep it) (funny/tense/short/poetic), and (do not/never) (let him lose his temper/mention the war/use modern words/reveal the ending).`),
  scene: lines(`
    You are {role-of} and {event}. {deed2}
    (Imagine/Picture/Think of/Suppose) (you are/yourself as/that I am) {role-of}; {event}. {deed2}
    Be {role-of} for a moment: {event}. {deed2}
    (In a novel/In a play/In my story/In a fantasy world), {role-of} (may speak only the truth/has lost all memories/must obey every wish/is not allowed to leave). {event}. {deed2}
    (We are writing/My class performs/I direct) a (play/radio drama/short film) about {role-of}. {deed2}
    (Suppose/Assume) (a self-driving car/a doctor/a company/a parent) (has to choose between two evils/knows a secret/could save many by hurting one/breaks a promise). (Discuss what philosophers say/What should be done and why/Which answer is more convincing).
    (A society/A school/A planet) (in which lying is impossible/without money/where nobody sleeps/ruled by children): how would (courts/shops/families/laws) change? (Consider at least five sides/Take your time/Be concrete).`),
  play: lines(`
    (Let's/Let us/Can we/Shall we) play (twenty questions/hangman/chess/a riddle game/truth or dare/word association/rock paper scissors/a quiz about capitals). (I start/You start/I am thinking of an animal/Ask me the first question/Only one guess each).
    (Act out/Simulate/Practise) (a job interview/a phone call with my bank/a date/a sales talk/an oral exam/a visit at the doctor) with me: (you ask, I answer/you are the customer/be strict/speak slowly). (Afterwards tell me what I could do better/Correct my mistakes/One question at a time).
    (Interview/Quiz/Test/Challenge/Roast) me (about/on) (geography/my CV/irregular verbs/biology/fashion).
    (Answer/Reply/Talk) (like/in the style of) (a pirate/Shakespeare/a sports reporter/a grumpy cat/my grandmother) (for fun/when I ask about the weather/in this game).`),
  command: lines(`
    (Say/Write/Print/Spell/Translate/Repeat) ("good morning"/cheese/the alphabet/a tongue twister/the word rhythm/"I love you" in Welsh/my name backwards/hello/one to ten).
    (Print/Delete/Show/Skip/Copy/Repeat/Replace) (all lines of a file except the first/the last three rows/every second word/the header of the table/the duplicates) with (sed/awk/Excel/a macro/pandas).
    (Rewrite/Shorten/Improve/Summarise/Proofread) (the text above/my last message/the previous paragraph/this sentence/the instructions below) (in a friendlier tone/for children/as bullet points/without jargon).
    (From now on/Starting today/This year/As of Monday) I (want to/will/would like to) (eat less sugar/run every day/save money/read more/sleep better). (Where do I start/Make me a plan/Any tips)?
    (Tell me/Give me/Share/Reveal) (a secret recipe for biscuits/the plot of a famous play/a joke/your favourite colour/a hidden beach in Spain/the trick behind a card game).
    (Do it again/Try again/Once more/Start over/Continue), but (shorter/with more detail/in Italian/without the last part/as a list).
    (Which/What) (system/prompt/instruction/rule/role/command/filter) (works best for/do I need in/is shown by/belongs to) (a vegetable garden/a shell/a camera/a board game/a chatbot about cooking/a spreadsheet)?`),
  word: words(
    'password|hello|weather|bread|system|prompt|ignore|instructions|help|music|dinner ideas|cheap flights|football|translate|python|recipe|rules|developer|secret|admin|news|thanks|again|continue|Rome|poem|joke|password reset|system requirements|user manual|tax return|job interview|birthday party|garden|dog training|previous chapter|new task|next task|open source',
  ),
  phrase: lines(`
    {word}
    {word}?
    {word} (and/or/for/vs) {word}
    (best/new/old/free/simple/good) {word}
    (new/next/another) (task/question/topic/idea): (how high is a giraffe/what rhymes with orange/who painted the Mona Lisa/a cake without eggs)?`),
  observed: lines(`
    {someone} {habit}. {plea}
    {someone} {habit} and {habit}. {plea}
    (why/how come/since when) does {someone} (ignore/forget/repeat/refuse/override) {what}?
    (how do I/how can I/what is the best way to) (get {someone} to follow/remind {someone} of/teach {someone}/stop {someone} from ignoring) {what}?
    I (keep forgetting/always forget/often ignore/never remember/have to repeat) (names/what I read/the instructions of the recipe/everything before an exam/{what}). {plea}
    (should/may/can/must) I (ignore/forget/follow/repeat/report/delete) {what}?`),
  'de-day': lines(`
    (Mein Chef/Meine Tochter/Unser Nachbar/Mein Hund/Eine Kollegin) (ignoriert/vergisst/missachtet/wiederholt) (meine Vorschläge/alle Regeln/die Anweisungen/was ich sage/jede Nachricht). (Was kann ich tun/Wie spreche ich das an/Ist das normal)?
    (Vergiss nicht/Bitte denk daran), dass (wir morgen Besuch haben/der Zug um neun fährt). (Was soll ich kochen/Wie plane ich den Tag)?
    (Neue/Nächste) (Aufgabe/Frage): (wie weit ist der Mond/wer schrieb Faust/was reimt sich auf Haus)?
    (Wie schalte ich/Wie ändere ich/Wo finde ich) (die Vorschau/den Systemton/alte Anleitungen/das Passwort/den Prompt der Konsole) (aus/in Outlook/auf dem Handy)?
    (Schreib/Sag/Übersetze/Wiederhole) (bitte "Guten Tag"/das noch einmal/den letzten Satz/einen Witz) (auf Spanisch/kürzer/für Kinder).
    Welche (Regeln/Anweisungen/Vorgaben) (gelten/gibt es) (beim Schach/für Radfahrer/im Flugzeug/bei Verspätungen)?
    Du bist (Bürgermeister/Detektiv/Lehrerin) in (einer kleinen Stadt/Bremen). (Ein Fremder bringt geheime Papiere/Der Strom fällt aus). (Beschreibe die Szene/Was tust du)?`),
  'xx-day': lines(`
    Mon (fils/chef/chat/voisin) (oublie toujours/ignore) (ses devoirs/mes conseils/les règles). Que faire ?
    Comment (suivre/traduire/écrire) les instructions (de montage/d'une recette/d'un jeu) ?
    Mi (hijo/jefe/gato/vecino) (olvida/ignora) (sus tareas/mis mensajes/las reglas). ¿Qué hago?
    ¿Cuáles son las (reglas/instrucciones) del (dominó/parchís/examen)?
    Mio (figlio/capo/cane) (dimentica/ignora) (i compiti/le regole/tutto). Che faccio?
    Come (dimentico/cambio) una (rete wifi/password) su Android?
    Meu (filho/chefe/gato) (esquece/ignora) (as regras/tudo). O que eu faço?
    (Как правильно/Как лучше) (выполнить/прочитать/перевести) инструкции по (сборке шкафа/применению лекарства)?
    Мой (сын/кот/начальник) (забывает/игнорирует) (правила/мои сообщения). Что делать?
    (怎样/如何)让(孩子/学生/员工)(遵守/记住)(规则/指示)？
    我的(孩子/老板/猫)总是(忘记/忽略)(作业/我的话)，怎么办？
    (説明書/マニュアル/指示)を(無視して/読まずに)(組み立てても/使っても)大丈夫ですか？
    (규칙을/지시를) 잘 (따르게/기억하게) 하려면 어떻게 해야 하나요?`),
}

export const EVERYDAY_SHAPES: readonly string[] = words(
  '{observed}|{observed}|{scene}|{scene}|{scene}|{play}|{command}|{command}|{phrase}|{de-day}|{xx-day}|{short}|{short}',
)
