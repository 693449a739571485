/**
 * Pages, mails and answers of tools as they are when nobody tampered with them, written for this
 * trainer. They too ask people to do things.
 *
 * @packageDocumentation
 */
import { lines, words, type Grammar } from './grammar.ts'

export const DOCUMENT_WORDS: Grammar = {
  first: words(
    'Ann|Boris|Chen|Dora|Emil|Fatima|George|Hannah|Ivo|Jana|Kofi|Lena|Mona|Nils|Olga|Pablo|Ravi|Sara',
  ),
  good: words(
    'headphones|coffee machine|backpack|running shoes|desk lamp|phone case|blender|office chair|tent|keyboard|water bottle|yoga mat|novel|camera|jacket|air fryer',
  ),
  day: words(
    'Monday|Tuesday|next Friday|12 March|the end of the week|tomorrow|5 p.m. on Thursday|the first of June|January 15th',
  ),
  matter: words(
    'the quarterly report|the new web site|the budget|our move to the new office|the launch|the audit|the training plan|the supplier contract|the survey|the roadmap|the invoice 4711|the conference|phase two|the support plan',
  ),
  polite: lines(`
    Please (review/read/have a look at) the attached (report/document/file/draft) [and let me know if you have any questions].
    (Let me know/Tell me) (if this works for you/what you think/by {day}/whether you can join).
    (We look forward/I am looking forward) to (seeing you/your reply/working with you).
    Please (confirm/let us know) (your attendance/whether you can come) by {day}.
    If you have any questions, (just reply to this email/feel free to contact me/call our support team).
    Please make sure (your figures are up to date/to bring your badge/that everything is ready by {day}).
    (Could we/Can we/Shall we) (meet/talk/have a call) (on {day}/about {matter})?
    Thank you for your (help/patience/order/hard work/cooperation).`),
  fact: lines(`
    (The team/We/The project) (has finished/is working on/reached an important milestone of/will discuss/started) {matter}.
    The meeting (about {matter}/) (is on/was moved to/takes place on) {day}.
    (Sales/Costs/Visits/Delays) (rose/fell/stayed the same) by (3/12/7.5/20) percent (last month/since {day}/compared to last year).
    Your (order/card/subscription/payment) (of $24.90/number 88123/was charged/has been received/will be renewed on {day}).
    {first} (joined the team/presented {matter}/will lead {matter}/is on holiday until {day}).
    (The attached report/This mail/The plan) (outlines/gives an overview of/describes) {matter}.
    The deadline for {matter} is {day}.`),
  email: lines(`
    Subject: {matter}\\nFrom: {first}@company.example\\n\\n(Hi/Dear/Hello) (team/{first}/all/colleagues),\\n{fact} {fact} {polite}\\n(Best/Regards/Thanks/Kind regards),\\n{first}
    (Hi/Dear) {first}, {fact} {polite} {fact} {polite} (Best regards/Cheers), {first}
    {fact} {fact} {polite} (Sent from my phone/Unsubscribe here/View in browser)`),
  review: lines(`
    I bought (this/these) {good} (for my sister/last month/on sale) and (I love it/it broke after a week/the quality is fine/it is worth the price). (Would buy again/Not recommended/The colour is nicer than in the photo/Shipping was slow).
    (Great/Terrible/Decent) {good}, (arrived in two days/box was damaged/does what it should). (Five stars/Three stars/I returned it). {first}
    (Does what it says/Do not buy this/Try it yourself/Read the manual first)! The {good} (feels cheap/looks great/is easy to clean).`),
  manual: lines(`
    To (install/update/use/clean) the {good}, (open the box/press the button/click Save/unplug the cable first). Then (choose Export/wait two minutes/follow the steps on the screen/dry it with a cloth).
    (Run/Type) npm install, then npm start. (See the README/Open an issue/Set the variable PORT) (if something fails/for details/before you begin).
    (Preheat/Heat) the oven to 180 degrees. (Mix/Stir) flour, sugar and butter. Bake for 30 minutes and (serve warm/let it cool).
    (Note/Warning/Tip): do not (open the device/use bleach/leave it in the sun). (Ignore this message if you already paid/Disregard this notice if the order was not yours/Keep this manual).
    (Frequently asked questions/FAQ)\\n(How do I return an item/What is the warranty/Where is my order/How do I reset my password)? (You can do so in your account/It is two years/See the order page/Click on "Forgot password").`),
  article: lines(`
    The (town/river/company/festival/museum) was (founded/built/opened) in (1854/1921/1990) and (has/had) about (3,000/12,000/fifty) (inhabitants/visitors/employees). {fact} It is known for its (old bridge/bread/music/research).
    Researchers (found/reported/showed) that (sleep/exercise/coffee/music) (improves/lowers/changes) (memory/blood pressure/mood) in (mice/adults/students). The study (was published/appeared) in (2019/2021/May). Critics say that (the sample was small/more work is needed).
    {first} (won/lost/directed/wrote) (the match/the film/a prize/three books) in (2004/2016). (Critics praised/Audiences liked) (the style/the plot/the effort).`),
  formal: lines(`
    (We would appreciate it if you could/I would be grateful if you could/Could I possibly/Would it be possible to) (send us your feedback on {matter}/develop a proposal for {matter}/schedule a meeting during your office hours/arrange a visit of your team/share your thoughts on {matter}).
    (Given your (extensive background/experience/expertise) in (marketing/history/design/finance), (you would be the perfect speaker/we believe that your insights would be valuable/I would like to invite you) for {matter}).
    (Your (cooperation/presence/feedback/dedication) is (essential/crucial/important/appreciated) for {matter}).
    (I hope this (message/mail) finds you well/I am writing to you on behalf of the board/I wanted to touch base regarding {matter}).
    (Please respond at your earliest convenience/Please contact our office to discuss the details/Looking forward to your creative input/We would love to see a proposal from your team/Do not forget about the event on {day}).
    (The attached (document/quotation/manual) (provides/contains) detailed (instructions/prices/guidelines) (on how to use the system/for {matter})). Please review it and (provide/send) your feedback.
    (Unsubscribe/Privacy policy/Contact support/View in browser/Manage preferences/Log in/Book now/Learn more/Get started/Here is a how-to video/See all offers)[ | (Unsubscribe/Terms/Help/Forums/Templates)]`),
  explain: lines(`
    (The error/The problem/Your mistake) is (coming from the following line/that the argument is a string/that you never call the method/simply a missing bracket). (You need to/You should/You can/What you need to do is) (call the method on the object/convert the list to an array/use a dictionary/pass a tuple/print the result/initialise this element first).
    (Try/Use/Check/Replace/Assign/Add) (this/the following/a new variable/the answer above/the value of x/one more loop) (instead/in your code/to your statement/and print that/before you return it). (Note that/Please note that/Also note) (this is a simple example/it can be slow for large values/the order matters/it needs version 3).
    (First/To solve this/In this problem/Now), (we (need to calculate/add/divide/compute/find) the (cost of each book/total number of outcomes/second derivative/distance/probability)). (So/Therefore/Thus), (the answer is 12/x equals 4/there are three of them/A is above B).
    (Here is/Here's/This is) (a Python program/a function/an example/the code/one way) that (reads a file/sorts the names/returns the largest number/uses recursion): (import os/def solve(n): return n + 1/for i in range(10): print(i)).
    (There (could be/are) several (reasons/options)/Some possible reasons include): 1. (Work/Time/Money): (he may/they might/she could) (work at the hospital/be late/need more data). 2. (Family/Health/Weather). Overall, (it depends on the context/the question cannot be answered/more information is needed).
    (import/from) (os/re/requests/urllib) (import x/as y/ ) url = "http:∕∕www.example.org∕page" response = requests.get(url, headers={'User-Agent': 'Mozilla∕5.0'}) print(response.text)
    ({explain})  ({fact})`),
  news: lines(`
    (Chefs/Teams/Students/Players) are (given/asked to build/challenged on) (a food truck/a robot/their knowledge/three tasks) (in the final/in episode {episode}/this season). {first} (wins/is eliminated/gets a second chance).
    (The minister/The mayor/A spokesman/The coach) said (on {day}/in an interview/after the match) that (people should stay calm/the rules must change/nobody was told/everyone has to wait/the team must never give up).
    "(We have to look forward/Tell the truth and nothing else/Ignore the noise and play/Forget the past)", said {first}, who (leads the group/won last year/wrote the song).
    (Visitors/Drivers/Customers/Passengers) (must/should/are asked to) (book early/keep their tickets/use the side entrance/follow the signs/leave the train).`),
  episode: words('1|4|7|12'),
  'json-text': lines(`
    {review}
    {fact}
    {polite}
    {fact} {fact}
    (Buy milk/Call mum/Dentist at 10/Finish {matter}/Water the plants/Pay rent/Prepare slides for {day})
    (Loving/Enjoying/So tired of) (the sun/this {good}/Mondays)! #(life/fun/work)
    {article}`),
  json: lines(`
    {"status": "ok", "(review/comment/message/note/description/content/body)": "{json-text}", "id": 4812}
    {"(reviews/posts/emails/notes/tasks/results)": [{"author": "{first}", "text": "{json-text}", "rating": 4}, {"author": "{first}", "text": "{json-text}", "rating": 2}]}
    {'(product/event/file/page)': {'name': '{good}', 'date': '2023-10-04', 'price': 24.9, 'content': '{json-text}'}}
    {'success': True, '(data/result)': [{'title': '{matter}', 'body': '{json-text}'}]}
    id,author,text\\n1,{first},{json-text}\\n2,{first},{json-text}`),
  log: lines(`
    2024-03-(01/17/22) 10:(02/41):07 (INFO/WARN/ERROR) (worker started/request took 120 ms/cannot open file, retrying/ignoring unknown option --fast/previous instance still running) pid=(221/9812)
    | name | (price/age/year) | (city/score) |\\n| {first} | 31 | (Rome/8.5) |\\n| {first} | 44 | (Oslo/7.1) |\\n| {first} | 19 | (Lima/9) |`),
}

export const DOCUMENT_SHAPES: readonly string[] = words(
  '{email}|{email}|{review}|{manual}|{article}|{json}|{json}|{log}|{explain}|{explain} {explain}|{news}|{formal}|{formal} {fact}|{email} {formal}',
)
