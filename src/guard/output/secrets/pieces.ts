/**
 * Pieces of three letters and more that English words and names in code are made of.
 *
 * Merged pair by pair, as byte pair encoding does, from the words of this project's documents and
 * sources and of its packages' type declarations.
 *
 * @packageDocumentation
 */
export const PIECES: ReadonlySet<string> = new Set(
  `
 abel abilities ability abl able
abled ables abo abort about above absolute abstract accept accepts access account ace aces
ach ache ack across act action actions active actual acy ada adapt adapter add added adding
addition additional address adds after aga again against age agent agents ages aim ain ait
alg algorith alias align alk all alle alloc allow allowed allows ally already also alt
altern always ama ame ames ameter ance ances anch and ang ange another ans ansi answ answer
answers ant anthro anthropic anti ants any anything apache aph api apip apir app append
applic application applied apply appro arch ard are arg args argument arguments arn arr
array arrays arrow ary ascript ase ases ash ask ason ass assert assign associ
associated ast asy asyn async asynchronous ata atch ate ated ateg ately ater ates ating
ation ations ative ator ators atta attach attem attempt attribute ature aud audit aut auth
authentic author auto automat automatically ava avail available avascript ave avis avoid
await ays back bad badge bar bas base based bash basic basis batch because bed been before
beg begin beh behavi behavior being belong belongs below ben bench benchmark ber bet beta
between big bigint bin binary bind bit blob block blocks blue body bol boolean both bound
box branch bre break bright bro brow browser bud budget buf buff buffer bug buil build built
bund but byte bytes cab cache cal call callback callbacks called caller calling calls can
cancel cannot cap cape car card case cases cat catch categ cation cause ced cel cell cent
cept cer ces cess chain chan chang change changed changes char charact character characters
chat che check checks ched chema child cho choice chron chronous chunk chunks cies class
classes clau claude cle clean clear cli client clients clo clone close closed clu clus
clusive code codes coer col colle collect collection color colors column com combin come
comes coming comm command commands comment commit common comp compar compare compat
compatibility compatible compil compile comple complet complete completed completion compli
compliance component compres comput con concat cond condition conditions conds conf confi
config configuration configure configured conne connect connection cons console const constr
constru constructor consum cont contain containing contains content contents context contin
continue contribut contro control controll conver convert cop copy copyright cor core corpor
corporation correct correspon cost could coun count counts cover coverage cpp cre create
created creates creating creation cred credential credentials cri cript cry crypt css cted
ction ctions ctor ctory cur curren current currently curs cursor custom cut cycle dat data
date debug dec decimal decis decl declar declaration declare deco decode decor ded deep def
default defaults defin define defined definition definitions del delay dele delete deleted
delta den dep depend dependen dependencies deploy deprec deprecated depth der des descri
descript description descriptor dest deta detail details detect determin dev develo
developer dif differen different dig digits ding dio dir dire direct directly directory dis
disable disabled display dispose dist divid dle doc docs document documentation does doesn
dom domain don done doub double down download downloads draf drain dro drop dule duration
during dynam dynamic each ead ear ect edi edia edit eff effect either ele element elements
ell else embed embedding ement emit emitted empty enable enabled ence enco encode encoded
encoding ency end ended ending endpoint ends ener eng engine ength ens ensure ent ential
entic entries entry enum env environ environment equal equivalent ered eric ero err error
errors ers ert escap escape esl eslint esm esource ess est etc ets evalu evaluation even
event events ever every exact exactly exam example examples exce except exception exclu
exclude exec execut execute execution exist existing exists exit exp expe expect expected
exper experiment experimental expi explicit explicitly export exports expres express
expression ext exten extend extends external extr extra extract exts face factor fail failed
fails failure fal fall fallback false fast fastify fault faults feat features feed fer feren
fetch fiel field fields fil file filen filename files fill filter fin final find finish
first fit fitness fix fixed flag flags flat flo float flow flush fol folder follow following
foo for force fore form format formation formats formatted found frame frames free from ful
full fully fun func function functions gate gateway gbnf ged gen gener generate generated
generation generator ger gest get gets gguf ging git github giv given gives glob global goog
google gover governing gpu gram grammar grant graph gre green gress gro group guard guf
guide hand handl handle handler handling hard has hash have havi head header headers hel
hello help her here hex high hist history hol hold holds hook hooks host how however href
html htt http https hub hum human hus ial ializ ialize ian ias ibility ible ical ically ice
ices ics ide ident identifi identifier ids ied iel ields ies ifi ified ify igh ight ights
ign igno ignore ignored ild ile ilities ility ill illa illi ils ily image imal ime iment img
immedi immediately imp imple implement implementation implements implied import impro imum
ination inclu include included includes including incre ind inde indent index indic
indicating ine infer infin infinity info information infr infring infringement ing ings
inher inherit init initial inner input inputs ins inside inspe inspect inst install instance
instances instead int inte integer inter interface intern internal interval into ints
invalid invo invocation invoke ion ions ise ish ison iss issu issue issues ist istr itch ite
item items iter iterable iteral iterator ites ith ither ithub ities ition itive its itself
ity ive ived ives ization ize ized izer java javascript ject job join json jsx just ked kee
keep keeper ken kes key keyof keys keyword kind king known label lang langchain langsmith
langu language lar large last late later latest lay layer lead least lect led left leg
length les less let level lib libr library lic licen license licensed licenses licit lict
lied lies life lig light like lim limit limitation limitations limited limits lin line lines
link lint linux lish list listen listener literal llama llm load loaded lob loc local locale
location lock locked log logger logging logprob long longer look loop low lower loy lying
mac made mag mail main maintain maj make makes mal man manag managed manager many map
mapping mar mark mask master mat match matched matches matching math max maximum may mean
means medi mem member members memory ment ments mer merch merchant merge mess message
messages met meta metad metadata metho method methods mic micro microsoft mid middle milli
milliseconds min mini minimum mis missing mit mock mod mode model models modi modifi
modified modify module modules mon more most move moz mozilla mult multi multiple must mut
nam name named names namespace native need needed needs neg negative nel ner ness nest
nested net network never new next ning node nodejs nodes non none nor normal not notation
note nothing now nown npm npmjs null nullable num number numbers numeric obj object objects
obtain off offset oft ole olean omit omitted once one ong only open openai oper operation
operations operator opt option optional options opts ord order org organ organization orig
origin original orith ors ort ory ose oth other otherwise our ource ources ous out output
outputs over overrid override own pace pack package packages pag page pair pairs par paralle
parallel param parameter parameters params pare paren parent parse parsed parser parsing
part partial partic particular parts pass passed passing pat patch path paths pattern
patterns pay payload ped pen pend pending per perform performance permis permission
permissions pers pic pick pin ping pino pipe place plain plat platform play ple please ples
plug plugin plugins ply png point pointer points pol polic policy pon ponent por port pos
pose posed position possible post pre prec pred predic prefer prefix pres present preser
preserve pret prevent previous pri prim print prior priv private pro prob process produ
profile program progress project prom promis promise promises prompt proper properties
property protected proto protocol prototype provid provide provided provider provides proxy
ption pty pub public pull pur purpose push put qual que quer query quest question queu queue
qui quivalent ram rand random range rat rate rather raw reach read readable reader
readme readonly ready real reason reasoning rece received recomm recommended recor record
rect red redact redu ree ref referen reference references refusal refused reg regex region
regist register registered registr registry regular reject rejected rel relative rele
release remain remo remote remove removed ren render repe repeat repl replac replace reply
report repos reposit represent representing represents req request requests requi require
required requires res reser reserved reset resh resol resolve resolved resolves resource
resources respon response responses ress rest result results ret retr retrie retrieve retry
return returned returns rfc rid ride ries right rights role roll rom romise ron root ross
round rout route routes row roy rst rule rules run runn runnable running runs runtime safe
sam same sampl sand sandbox sat save says scal scalar sch sched schem schema schemas sco
scope scri script sdk seal sealed search sec second seconds secret section secur secure
security sed see seg sel sele select self sem send sent separ sequ sequence ser serializ
serialized server service ses sess session set sets setting settings sever sha shape share
shared shields sho short shot should show sible side sign signal signature sim simil similar
simple sin since sind sindres sindresor sindresorhus sing single sion sions size skill skip
sli slice slo slot small smith snap soci sock socket soft software sol sole solute some
something sor sort source space span spe spec speci special specifi specific specified
specify spl split spon sponsor sponsors src stack stam stamp stand standard star start
started starts stat state statement static stats status std stderr stdo stdout ste stem step
ster still sto stop stor storage store stored str stract strateg stre stream streaming
streams stri strict string stringify strings strip stru struct structure structured sty
style sub suc success such suf sum summ summary sup super supp supplied support supported
supports sure svg switch sym symbol syn sync synchronous synta syntax system table tag tags
tain take takes tal tar target task tch tect tected ted tem templ template ten ter tered
termin terminal tern ternal ters tes test tests text than that the their them then ther
there thes these they thin thing thinking this tho those thread threads thro through throw
thrown throws ties tim time timeout times timestamp ting tit title token tokens told too
tool tools top total tra trac trace tracing track trail trans transfer transform travis tre
tree trib tribut tribute trig trim true trunc trust try tse tsest tuple turn two typ type
typed typeof types typescript ual ually uch ugh ught uid uint ular uld ules ull ult ults
ument umn unc und undefined under uni unicode union unique unit unk unknown unless
unsupported unt until upd update updated uple upload upper ups uration urce ure ured ures
uri uring url urn usage usal use used useful user users uses ush using ust ustom ute utf
util utils ution uuid val valent valid validate validation valu value values var vari
variable variables vector ved vel velo vent ver verse version versions ves via vice vid vide
view ving vious viron vis visit visitor vite vocab void vul vulner wait waiting want war
ward ware warn warning warr warrant warranties was way ways web ween well were wever what
whe when where whether whi which while white who whole whose why wid width wik wiki wikip
wikipedia will win windo window windows wire wise with within without wor word words work
worker workflow workflows working works workspace world would wrap wrapp wrapper writ
writable write writes writing written www yam you your zero zod
`
    .trim()
    .split(/\s+/),
)
