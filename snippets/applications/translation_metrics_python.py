# --8<-- [start:zero]
import sacrebleu
from nltk.translate.bleu_score import SmoothingFunction, sentence_bleu

reference = "28 November 2026"


def corpus_bleu(said, references, **options):
    return sacrebleu.BLEU(**options).corpus_score(said, [references]).score


same = [reference] * 100  # 一百句，句句一字不差
longer = [*same, "28 November 2026 AD"]  # 再添一句，四个词
print(f"一百句三个词的：BLEU {corpus_bleu(same, same):.1f}")
print(f"添一句四个词的：BLEU {corpus_bleu(longer, longer):.1f}")
print(f"effective_order：BLEU {corpus_bleu(same, same, effective_order=True):.1f}")
print(f"按字符切：BLEU {corpus_bleu(same, same, tokenize='char'):.1f}", end="，")
print(f"chrF {sacrebleu.CHRF().corpus_score(same, [same]).score:.1f}")
# --8<-- [end:zero]


# --8<-- [start:digit]
OTHERS = ["29 November 2026", "November 28, 2026", "21 December 2025"]
for said in [reference, *OTHERS]:
    bleu = corpus_bleu([said], [reference], tokenize="char")
    chrf = sacrebleu.CHRF().corpus_score([said], [[reference]]).score
    print(f"{said}：匹配 {said == reference:d}，BLEU {bleu:.0f}，chrF {chrf:.0f}")
# --8<-- [end:digit]


# --8<-- [start:strings]
smooth = SmoothingFunction().method1
for said in ("29 November 2026", "21 December 2025"):
    words = sentence_bleu([reference.split()], said.split(), smoothing_function=smooth)
    letters = sentence_bleu([reference], said, smoothing_function=smooth)
    print(f"{said}：传词的列表 {words:.2f}，传字符串 {letters:.2f}")
# --8<-- [end:strings]


# --8<-- [start:tokenize]
said, reference = "二〇二六年十一月二十九日", "二〇二六年十一月二十八日"
for name in ("13a", "zh", "char"):
    right = corpus_bleu([reference], [reference], tokenize=name)
    wrong = corpus_bleu([said], [reference], tokenize=name)
    print(f"tokenize={name}：一字不差 {right:.1f}，错一个字 {wrong:.1f}")
# --8<-- [end:tokenize]
