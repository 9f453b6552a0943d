"""What the people of the story type, and how the story is told. What the product says is nowhere in here."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Script:
    company: str
    hr: str
    hr_desk: str
    """HR as the story calls them and where they sit."""
    colleague: str
    """Who else is in HR."""
    team: str
    channel: str
    """HR's team in Teams, and its channel for alumni."""
    lounge: str
    """A channel of the alumni in Slack."""
    person: str
    """A person as the story calls them, from their {name}."""
    dm: str
    thread: str
    modal: str
    only_you: str
    language: str
    enrol: str
    find: str
    post: str
    gig: Mapping[str, str]
    gig_skills: tuple[str, ...]
    terms: Mapping[str, str]
    """What the company's gigs start with."""
    question: str
    answer: str
    thanks: str
    chapters: tuple[str, ...]
    presses: str
    types: str
    fills_in: str
    others_got: str
    nobody_else: str
    passed: str
    all_closed: str
    done: str
    closed_words: tuple[str, ...]
    """One of these is in every copy of a gig that is filled."""
    steps: Mapping[str, tuple[str, str]]
    """For playing by hand: what each step of the guide is called and says."""
    opened: str
    """What the terminal says once the page is there."""


JAPANESE = Script(
    company="東都製作所",
    hr="小林 恵子",
    hr_desk="人事部 小林さん",
    colleague="中村 翔太",
    team="人事部",
    channel="アルムナイ",
    lounge="雑談",
    person="{name}さん",
    dm="DM",
    thread="DMのスレッド",
    modal="開いた画面",
    only_you="本人だけに表示",
    language="ja",
    enrol="登録",
    find="検索 品質管理",
    post="仕事を募集",
    gig={
        "title": "検査データの分析と改善提案(3か月)",
        "work": "検査工程のデータを見直し、不良を減らす提案をまとめていただきます。",
        "reward": "月25万円",
        "place": "在宅。月1回、刈谷工場",
        "skills": "品質管理、データ分析",
        "period": "1月から3月まで",
        "hours": "週1〜2日",
    },
    gig_skills=("品質管理", "データ分析"),
    terms={
        "legal_name": "株式会社東都製作所",
        "legal_address": "愛知県刈谷市昭和町1-1",
        "contact": "人事部 0566-00-0000",
        "tax": "excluded",
        "payment_rule": "月末締め、翌月末払い",
    },
    question="平日の夜と土曜日だけでも、お受けできますか。",
    answer="はい、平日の夜と土曜日で問題ありません。打ち合わせは19時からにしましょう。",
    thanks="ありがとうございます。ぜひお願いします。",
    chapters=(
        "人事の小林さんが会社を Teams と Slack につなぐ",
        "退職した渡辺さんを登録し、渡辺さんが Slack で参加する",
        "小林さんが Teams で仕事を募集し、合う人の Slack に届く",
        "田中さんは興味を示し、鈴木さんは見送り、佐藤さんは質問する",
        "小林さんがカードで答え、佐藤さんのスレッドに届く",
        "佐藤さんがスレッドに返事をし、小林さんに届く",
        "渡辺さんが品質管理の仲間を探す",
        "担当者が決まり、すべてのお知らせがそう伝える",
    ),
    presses="［{button}］を押す",
    types="入力",
    fills_in="記入して送信",
    others_got="同じお知らせが、スキルの合うほかの{count}名にも届きました：{names}",
    nobody_else="合わない{count}名には届いていません。",
    passed="見送り1名と数えられ、小林さんのどの画面にも鈴木さんの名前はありません。",
    all_closed="{count}通すべてが募集終了に変わり、応募のボタンは消えました。",
    done="Teams と Slack の間で、ひとつの仕事が始まりから終わりまで運ばれました。",
    closed_words=("終了", "決ま", "決定"),
    steps={
        "form": ("募集を始める", "仕事を募集するボタンを押すか、下の欄に「仕事を募集」と書いて送信します。"),
        "post": ("仕事を書く", "出てきたカードに記入し、送信のボタンを押します。"),
        "ask": ("お知らせが届く", "スキルの合う方の Slack に届きました。質問のボタンを押します。"),
        "send": ("質問する", "開いた画面に質問を書いて送信します。"),
        "answer": ("質問に答える", "人事の Teams に質問が届きました。カードの欄に返信を書いて送ります。"),
        "reply": ("スレッドで返事をする", "返信は {name}さんのスレッドに届きました。スレッドを開いて返事を書きます。"),
        "fill": (
            "募集を終える",
            "返事も Teams に届きました。担当者が決まったことにすると、すべてのお知らせが変わります。",
        ),
    },
    opened="""
練習用の Slack と Teams を、このページで試せます。

  {page}

  製品          {product}（状態の確認は {product}/healthz）
  練習用 Slack  {slack}
  練習用 Teams  {teams}

英語で試す               make demo ARGS="--locale en"
物語を端末で見る         make demo ARGS=--once
本物の Slack につなぐ    README の手順と、python app.py manifest slack
本物の Teams につなぐ    README の手順と、python app.py manifest teams

Ctrl-C で終了します。データは一時フォルダーにあり、終了すると消えます。""",
)

ENGLISH = Script(
    company="Eastbridge Instruments",
    hr="Karen Mitchell",
    hr_desk="Karen in HR",
    colleague="James Carter",
    team="HR",
    channel="Alumni",
    lounge="lounge",
    person="{name}",
    dm="DM",
    thread="thread",
    modal="dialog",
    only_you="only they see it",
    language="en",
    enrol="enrol",
    find="find quality management",
    post="post gig",
    gig={
        "title": "Inspection data: analysis and proposals (3 months)",
        "work": "Go through the data of our inspection lines and propose how to bring rejects down.",
        "reward": "£2,400 a month",
        "place": "From home; the Derby plant once a month",
        "skills": "Quality management, Data analysis",
        "period": "January to March",
        "hours": "One or two days a week",
    },
    gig_skills=("Quality management", "Data analysis"),
    terms={
        "legal_name": "Eastbridge Instruments Ltd",
        "legal_address": "1 Station Road, Derby",
        "contact": "HR, alumni@example.com",
        "tax": "excluded",
        "payment_rule": "by the end of the next month",
    },
    question="Could I do this on weekday evenings and Saturdays only?",
    answer="Yes, evenings and Saturdays are fine. We will hold the meetings at 7 pm.",
    thanks="Thank you! I would love to do it.",
    chapters=(
        "Karen in HR connects the company in Teams and Slack",
        "She enrols Anita, who has just left, and Anita joins in Slack",
        "Karen posts a gig in Teams, and it reaches those it suits in Slack",
        "Daniel is interested, Peter passes, Laura has a question",
        "Karen answers in the card, and it arrives in Laura's thread",
        "Laura replies in the thread, and it reaches Karen",
        "Anita looks for others who know quality management",
        "The gig is filled, and every copy says so",
    ),
    presses="presses [{button}]",
    types="types",
    fills_in="fills in",
    others_got="The same message reached {count} others with one of the skills: {names}",
    nobody_else="It reached none of the {count} whom it does not suit.",
    passed="Counted as one pass; Peter's name is on none of Karen's screens.",
    all_closed="All {count} copies say that the gig is closed, and their buttons are gone.",
    done="One gig has travelled from beginning to end between Teams and Slack.",
    closed_words=("filled", "closed", "found"),
    steps={
        "form": ("Start a gig", "Press the button to post a gig, or type “post gig” below and send it."),
        "post": ("Describe the work", "Fill in the card that has come, and press the button that posts it."),
        "ask": (
            "It has arrived",
            "It reached those with the right skills. Press the button that asks a question.",
        ),
        "send": ("Ask", "Write a question into the dialog and send it."),
        "answer": ("Answer", "The question is here, with HR in Teams. Write an answer into the card and send it."),
        "reply": ("Reply in the thread", "The answer is in {name}’s thread. Open it and reply."),
        "fill": (
            "Close the gig",
            "The reply is with HR. Say that the gig is filled, and every copy will change.",
        ),
    },
    opened="""
A practice Slack and a practice Teams, both on this page:

  {page}

  the product      {product} (its health: {product}/healthz)
  practice Slack   {slack}
  practice Teams   {teams}

In Japanese                   make demo
The story in the terminal     make demo ARGS="--once --locale en"
Connect a real Slack          see the README; python app.py manifest slack
Connect a real Teams          see the README; python app.py manifest teams

Ctrl-C ends it. The data is in a temporary folder, which goes with it.""",
)

SCRIPTS: Mapping[str, Script] = {"ja": JAPANESE, "en": ENGLISH}
