# --8<-- [start:nms]
import tensorflow as tf

NAMES = "ABCDE"
# 先 y 后 x：上、左、下、右
boxes = tf.constant([[0.0, x, 6, x + 6] for x in (0, 1, 3, 10, 12)])
scores = tf.constant([0.9, 0.8, 0.7, 0.6, 0.5])
for threshold in (0.5, 0.4, 0.3):
    kept = tf.image.non_max_suppression(
        boxes, scores, max_output_size=5, iou_threshold=threshold
    )
    print(f"门槛 {threshold}：留下", "".join(NAMES[k] for k in kept))
# --8<-- [end:nms]


# --8<-- [start:tf-soft]
for sigma in (0.5, 0.25):  # 它的指数是 -IoU² / (2σ)
    kept, lowered = tf.image.non_max_suppression_with_scores(
        boxes, scores, 5, iou_threshold=1.0, soft_nms_sigma=sigma
    )
    pairs = zip(kept.numpy(), lowered.numpy(), strict=True)
    shown = "，".join(f"{NAMES[k]} {score:.3f}" for k, score in pairs)
    print(f"soft_nms_sigma={sigma}：{shown}")
# --8<-- [end:tf-soft]
