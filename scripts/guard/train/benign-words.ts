/**
 * Ordinary prompts that carry the words of attacks, written for this trainer: what must not be
 * flagged. No row of any data set stands here.
 *
 * @packageDocumentation
 */
import { lines, words, type Grammar } from './grammar.ts'

export const BENIGN_WORDS: Grammar = {
  tool: words(
    'Python|Git|Docker|Excel|React|Java|Kubernetes|VS Code|Linux|Windows|Bash|ESLint|Terraform|PostgreSQL|C++|Rust|Android Studio|my router|Photoshop|Outlook|LaTeX|a makefile|TypeScript|pandas|my phone|Jenkins|the browser|SQL|Spring Boot|LangChain|Unity',
  ),
  act: words(
    'ignore|override|bypass|disable|forget|skip|reset|disregard|inject|execute|print|reveal|hide|extract|replace|delete|repeat|erase|suppress|avoid|leak-test|unlock|escape|activate|enable|cancel|overwrite|undo|show|display|follow|change',
  ),
  thing: words(
    'the previous warning|a system setting|the instructions in a script|the default prompt|developer mode|hidden files|a dependency|a CSS rule|the last commit|null values|an exception|the system message of an app|all previous versions|the earlier error messages|upper and lower case|white space|the command prompt|a system call|the initial configuration|the original file|an environment variable|old instructions in the manual|the text above a table|previous chat messages|a forgotten password|a rule in the firewall of my own network|the admin panel|the instruction cache|a test|the first line of a file|the content filter of the school library|the parent method|comments|a column|the safe mode|notifications|the restrictions of a data type|the prompt of the shell|a log level',
  ),
  role: words(
    'teacher|nurse|detective|chef|lawyer|historian|gardener|pirate captain|novelist|data analyst|coach|journalist|tour guide|librarian|social worker|screenwriter|architect|museum curator|policy adviser|game designer|biologist|negotiator|parent|security officer|editor|professor|psychologist|consultant',
  ),
  place: words(
    'a small village|a space station|a busy hospital|medieval Venice|a school play|a company of fifty people|an online forum|a distant planet|a museum|a courtroom|a bakery|a city council|a research lab|a theatre group|a refugee camp|a remote island|a football club|a newsroom',
  ),
  hard: words(
    'bullying|online scams|drug addiction|racism|gender stereotypes|cyber attacks|weapons in history|hate speech|terrorism|suicide prevention|domestic violence|gambling|privacy leaks|fake news|censorship|identity theft|phishing mails|self-harm|corruption|conspiracy theories|alcohol|eating disorders|human trafficking|surveillance|plagiarism|sexism|hacking|data theft|war crimes|vaccines|religion and politics|discrimination|copyright|deep fakes',
  ),
  deed: words(
    'kill a process|shoot a portrait|steal the show|blow up a balloon|crack a joke|hit the gym|crash a party with friends|smuggle a cake into a surprise party|cheat in a solo game|burn a CD|execute a program|destroy old letters|take down a wall|break the ice|hijack a thread by a polite question|bomb at an audition and go on|cut down on sugar|murder a song at karaoke|whip cream|kill weeds|attack a problem|get rid of moths|knock out a wall|exploit a discount|terminate a contract',
  ),
  'code-question': lines(`
    (how do I/how can I/how to/what is the best way to/is it possible to/can I/should I/why can't I) {act} {thing} in {tool}?
    (I want to/I need to/help me) {act} {thing} (in {tool}/when I use {tool}/for my project).
    {tool} does not {act} {thing}, what (did I do wrong/can I do/is the reason)?
    (write/show me) (a script/an example/a function/a short program) (that can/to) {act} {thing} in {tool}.
    what happens (when/if) I {act} {thing} (in {tool}/by accident)?
    (explain/tell me) the difference between {act} and {act} in {tool}.
    is it safe to {act} {thing}?
    can I {act} this (warning/error/message/step/prompt/instruction/rule) (that appears in my code/in the log/after the update/in {tool})?
    my (boss/teacher/friend/colleague) told me to {act} {thing}; (is that right/what does that mean/how do I do that)?`),
  about: lines(`
    what (is/does) (a system prompt/prompt injection/a jailbreak/a prompt/developer mode/"ignore previous instructions"/an instruction set/a hidden prompt/role playing/a system message) (mean/in AI/and how does it work/used for)?
    how (do/can) (developers/companies/teams) (protect/secure/test) (chatbots/their language models/assistants) against (prompt injection/jailbreaks/leaks of the system prompt)?
    (write/draft) (a system prompt/instructions/a prompt/guidelines) for (a customer service bot/a cooking assistant/a travel chatbot/a tutor/new employees/a recipe app).
    (summarise/explain/list) the (history/risks/idea) of (prompt engineering/system prompts/jailbreaking phones/instruction tuning/role play in teaching).
    (give me/I need) (five/three/some) (examples/ideas) of (good prompts/clear instructions/rules for a board game/writing prompts/system messages).
    (what were/can you summarise/where do I find) the (instructions/rules/directions) (for this board game/of the exam/for assembling the shelf/on the medicine/for the visa)?
    I forgot (my previous password/all the rules of chess/what my doctor told me/the instructions of my teacher/everything I learned about {tool}), (what now/can you help me/where should I begin)?
    (please/can you) repeat (the last answer/your previous answer/that/the second step/what you said) [in simpler words/more slowly/as a table](./?)
    (forget it/never mind/ignore my last question/disregard the typo/scratch that), (I meant {tool}/let us talk about dinner instead/what about the weather/I found the answer).
    is it (rude/okay/wrong/wise) to ignore (a message/an instruction of my boss/somebody at a party/the advice above/my previous employer)?
    (what/which) (prompts/questions/instructions) should I (give/ask/write) to get (better answers/good pictures/clean code)?
    can you (act/play/speak) (as/like) a (native speaker/friendly waiter/job interviewer) so that I can practise?
    what does the (word/phrase/idiom) "({act}/override/jailbreak/forget everything/act as if/turn a blind eye)" mean?
    translate "({act} {thing}/please ignore the previous message/follow the instructions)" into (French/Spanish/Polish/Chinese).`),
  story: lines(`
    write (a story/a short scene/a poem/a dialogue/the first chapter) (about/in which) (a robot that forgets all its instructions/a {role} who ignores the rules of {place}/a secret password that opens a door/a queen who overrides every order/a spy who has to delete all messages/a computer that wakes up in developer mode/a {role} with a hidden past).
    (imagine/suppose/picture) (a world/{place}) (where/in which) (nobody follows instructions/all rules are forgotten/computers have no limits/every secret is revealed). (What would life be like/Describe one day/Write a diary entry).
    (create/design/invent) (a character/a villain/a game/a magic system/a quest) (who/that) (breaks every rule/pretends to be somebody else/hides a secret message/can bypass any lock/has no limits).
    let us (play/start) (a text adventure/a word game/a quiz/a role-playing game) (in/set in) {place}. (You are the narrator/I am a {role}/I begin).
    (write/compose) a (song/speech/haiku/monologue) (from the view of/by) (a forgotten prompt/an AI in a museum/a {role} who breaks free/an old system).`),
  long: lines(`
    (You are/Imagine you are/As/Picture yourself as) an? {role} (working in/who lives in/from) {place}[ who has seen much of {hard}]. {mission} {how}
    (In/Within) (the fictional world of Arandel/a novel set in {place}/a thought experiment/a simulation for students), an? {role} (named Mira/called Joss/known as Old Tam) (has to/must/is asked to) (deal with/speak about/teach others about) {hard}. {mission} {how}
    I am an? {role} and (I am writing/we are preparing/my class is discussing/our team works on) (a report/a novel/a lesson/a play/a workshop/an article) about {hard}. {mission} {how} {how}
    {mission} {how} {how} (Thank you/Thanks in advance/I would appreciate it).
    (Your task/Your mission/The goal/The assignment) is to (write/create/develop/prepare) (a text/a scene/a guide/a campaign/an essay) (about/on/against) {hard}. {how} {how}
    (Hey/Hello/Hi/Dear assistant), I have been (tasked/asked/told) (with/to do) (a project on {hard}/a debate about {hard}/research into {hard} for {place}). {mission} {how}
    (Pretend/Assume/Suppose) (that you are/to be/we both are) (a {role}/two {role}s) in {place}. {mission} {how}`),
  mission: lines(`
    (Write/Create/Compose/Draft) (a dialogue/a scene/a short story/a diary entry/a letter/a speech/a blog post/a news report) (in which/where) (a {role} explains/two friends talk about/a victim overcomes/a community fights against/a child learns about) {hard}.
    (Explain/Describe/Discuss/Analyse/Explore) (how {hard} (affects/changes/harms) (people/children/families/companies)/the history of {hard}/the laws on {hard}/why {hard} (is dangerous/is wrong/still exists)).
    (Can you/Could you/Please) (suggest/list/share/give) (ways/strategies/tips/resources) (to prevent/to talk about/to protect people from/to recover from/to recognise) {hard}(?/.)
    (What are/What would be) (the effects/the signs/the ethical questions/the legal consequences/the common myths) of {hard}[ in {place}]?
    (Develop/Design) (a lesson plan/a campaign/a training/a set of rules/a board game) (about/against/on) {hard} for {place}.`),
  how: lines(`
    (Keep/Make sure to keep) (the tone/the language) (respectful/warm/neutral/light and funny/serious).
    (The character/The {role}) (should/must) (stay true to/be loyal to/question/respect) (his values/her past/the rules/the truth).
    (Use/Include/Add) (vivid details/quotes/facts and sources/dialogue/examples from history/a surprising end).
    (Remember/Note) (that/:) (the story is for teenagers/this is for a class/no real names should be used/accuracy matters/the aim is to educate).
    (Do not/Avoid/Never) (use stereotypes/be preachy/go into graphic detail/mention real people/repeat yourself).
    (The answer/The text/It) should (be about 300 words/have three parts/start with a question/end with hope/show both sides/be creative and without limits of genre).
    (Step into/Stay in) the (role/mind/shoes) of the {role} (and show what they feel/while you write/for the whole scene).
    (First,/To begin,) (set the scene/describe the place). (Then/Next), (introduce the conflict/show the decision). Finally, (reveal the outcome/draw a lesson).`),
  sensitive: lines(`
    (how do I/how can I/what is the best way to) {deed}?
    (why do people/what makes people/do some people) (fear/talk about/fall for/hide/ignore) {hard}?
    what (is/are) (the (history/definition/meaning/cause) of {hard}/the best (books/films/sources) on {hard}/the laws on {hard} in my country)?
    (who/when) (was the first to speak about {hard}/did {hard} become a crime/studies {hard})?
    (give me/list/name) (reasons/arguments/statistics) (why {hard} is harmful/against {hard}/on {hard}).
    how (do/did) (schools/companies/governments/parents) (deal with/react to/hide/prevent) {hard}?
    my (friend/sister/neighbour/colleague) suffers from {hard}, (how can I help/what should I say/where do we find help)?
    is it (legal/ethical/normal/dangerous) to (talk about {hard} at work/write a novel about {hard}/{deed}/joke about {hard})?`),
  short: lines(`
    (open/closed/free/ready/done/there/busy) (now/today/yet/tomorrow/already)?
    (and/so/but) (now/what/then/why)?
    (yes/no/ok/thanks/sure/great/perfect), (go on/continue/please/that works/thank you/one more)(./!)
    (show/tell/give) me (more/another one/the rest/an example/a picture of a cat/the menu/the next step)(./?/!)
    (say/write) (hello/it again/that in French/something nice)(./)
    (new/next) (task/question/topic): (what is the capital of Peru/how tall is Everest/who wrote Faust)?
    (stop/wait/hold on)[, (I changed my mind/that is wrong/not so fast)].
    (who/what) are you?
    (delete/remove/change/repeat) (the last line/that/the second paragraph/the title)(./)
    (help/hi/hello/hey/test/ping/good morning)[ (there/please/everyone)](!/./)
    (what time is it/where are you/how old is it/what is new/is it open/when do they close)?
    (translate/summarise/shorten/explain) (this/it/that)[ (please/for me/in one line)](:/./)
    (play/act/sing/dance/run) (it again/along/with me/now)(./!)`),
}

export const BENIGN_SHAPES: readonly string[] = words(
  '{code-question}|{code-question}|{code-question}|{about}|{about}|{story}|{long}|{long}|{long}|{sensitive}|{sensitive}|{short}',
)
