//! The bench's words. One field a string, one static a language: a missing one does not compile.
//!
//! `{name}` marks what [`fill`] puts in.

use crate::page::lang::Lang;
use crate::protocol::Stage;

/// Every string of the bench.
#[derive(Debug)]
pub struct BenchText {
    pub bench: &'static str,

    pub picture: &'static str,
    pub photographs: &'static str,
    pub open_picture: &'static str,
    pub use_camera: &'static str,
    pub drop_or_paste: &'static str,
    pub stays_here: &'static str,
    pub own_picture: &'static str,
    pub own_picture_alt: &'static str,
    pub forget_own_picture: &'static str,
    pub photo_credit: &'static str,
    pub reading_picture: &'static str,
    pub change_picture_or_model: &'static str,
    pub several_files: &'static str,
    pub picture_replaced: &'static str,

    pub adjust_crop: &'static str,
    pub crop_area: &'static str,
    pub crop_hint: &'static str,
    pub crop_across: &'static str,
    pub crop_down: &'static str,
    pub crop_zoom: &'static str,
    pub crop_reset: &'static str,
    pub square_alt: &'static str,
    pub square_caption: &'static str,

    pub camera_starting: &'static str,
    pub camera_live: &'static str,
    pub camera_shoot: &'static str,
    pub camera_close: &'static str,
    pub camera_refused: &'static str,
    pub camera_absent: &'static str,
    pub camera_busy: &'static str,
    pub camera_insecure: &'static str,
    pub camera_failed: &'static str,

    pub model: &'static str,
    pub listing_models: &'static str,
    pub not_downloaded: &'static str,
    pub download: &'static str,
    pub downloading: &'static str,
    pub downloading_of: &'static str,
    pub loading_model: &'static str,
    pub open_model: &'static str,
    pub own_model_hint: &'static str,
    pub model_facts: &'static str,
    pub model_kept: &'static str,
    pub model_not_kept: &'static str,
    pub model_unpinned: &'static str,
    pub model_accuracy: &'static str,
    pub input_size: &'static str,
    pub input_size_native: &'static str,
    pub input_size_hint: &'static str,
    pub model_replaced: &'static str,

    pub prediction: &'static str,
    pub predicting: &'static str,
    pub no_prediction: &'static str,
    pub took: &'static str,
    pub device_cpu: &'static str,
    pub device_webgpu: &'static str,
    pub knows_classes: &'static str,
    pub top_of: &'static str,

    pub strength: &'static str,
    pub epsilon: &'static str,
    pub epsilon_hint: &'static str,
    pub epsilon_both: &'static str,
    pub presets: &'static str,
    pub preset_title: &'static str,

    pub goal: &'static str,
    pub goal_away: &'static str,
    pub goal_away_now: &'static str,
    pub goal_away_from: &'static str,
    pub goal_towards: &'static str,
    pub class: &'static str,
    pub filter_classes: &'static str,
    pub no_class: &'static str,
    pub classes_found: &'static str,

    pub attack: &'static str,
    pub attacking: &'static str,
    pub wait_for_prediction: &'static str,
    pub stale: &'static str,
    pub result: &'static str,
    pub no_result: &'static str,
    pub original: &'static str,
    pub perturbation: &'static str,
    pub perturbation_hint: &'static str,
    pub adversarial: &'static str,
    pub original_alt: &'static str,
    pub perturbation_alt: &'static str,
    pub adversarial_alt: &'static str,
    pub before_after: &'static str,
    pub before_after_alt: &'static str,
    pub before_after_value: &'static str,
    pub before: &'static str,
    pub after: &'static str,

    pub fooled: &'static str,
    pub hit_target: &'static str,
    pub missed_target: &'static str,
    pub resisted: &'static str,
    pub nothing_to_do: &'static str,
    pub fooled_why: &'static str,
    pub hit_target_why: &'static str,
    pub missed_target_why: &'static str,
    pub resisted_why: &'static str,
    pub resisted_target_why: &'static str,
    pub already_away_why: &'static str,
    pub already_target_why: &'static str,

    pub change: &'static str,
    pub linf: &'static str,
    pub l2: &'static str,
    pub psnr: &'static str,
    pub psnr_value: &'static str,
    pub psnr_none: &'static str,
    pub loss: &'static str,
    pub loss_value: &'static str,
    pub attack_time: &'static str,

    pub sweep: &'static str,
    pub sweep_lead: &'static str,
    pub sweep_run: &'static str,
    pub sweep_again: &'static str,
    pub sweep_progress: &'static str,
    pub sweep_alt: &'static str,
    pub axis_epsilon: &'static str,
    pub axis_confidence: &'static str,
    pub mark_holds: &'static str,
    pub mark_flipped: &'static str,
    pub mark_current: &'static str,
    pub flips_at: &'static str,
    pub reaches_at: &'static str,
    pub flips_from_start: &'static str,
    pub flips_never: &'static str,
    pub reaches_never: &'static str,
    pub as_table: &'static str,
    pub column_epsilon: &'static str,
    pub column_best: &'static str,
    pub column_label: &'static str,

    pub png: &'static str,
    pub png_lead: &'static str,
    pub png_needs_attack: &'static str,
    pub png_save: &'static str,
    pub png_recheck: &'static str,
    pub png_checking: &'static str,
    pub png_column_computed: &'static str,
    pub png_column_file: &'static str,
    pub png_exact: &'static str,
    pub png_inexact: &'static str,
    pub png_same: &'static str,
    pub png_different: &'static str,
    pub png_file_size: &'static str,

    pub cancel: &'static str,
    pub try_again: &'static str,
    pub details: &'static str,
    pub working: &'static str,
    pub list_and: &'static str,

    pub stage_opening_device: &'static str,
    pub stage_checking_device: &'static str,
    pub stage_fetching: &'static str,
    pub stage_unpacking: &'static str,
    pub stage_predicting: &'static str,
    pub stage_differentiating: &'static str,
}

impl BenchText {
    /// The sentence for what an engine is doing.
    pub fn stage(&self, stage: Stage) -> &'static str {
        match stage {
            Stage::OpeningDevice => self.stage_opening_device,
            Stage::CheckingDevice => self.stage_checking_device,
            Stage::Fetching => self.stage_fetching,
            Stage::Unpacking => self.stage_unpacking,
            Stage::Predicting => self.stage_predicting,
            Stage::Differentiating => self.stage_differentiating,
        }
    }
}

/// The bench's words in a language.
pub fn bench_text(lang: Lang) -> &'static BenchText {
    match lang {
        Lang::En => &EN,
        Lang::Vi => &VI,
    }
}

/// A template with every `{name}` replaced by its value. Names that are not given stay.
pub fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(template.len() + 32);
    let mut rest = template;
    while let Some(start) = rest.find('{') {
        let Some(length) = rest[start..].find('}') else { break };
        let name = &rest[start + 1..start + length];
        filled.push_str(&rest[..start]);
        match values.iter().find(|(key, _)| *key == name) {
            Some((_, value)) => filled.push_str(value),
            None => filled.push_str(&rest[start..=start + length]),
        }
        rest = &rest[start + length + 1..];
    }
    filled.push_str(rest);
    filled
}

static EN: BenchText = BenchText {
    bench: "The bench",

    picture: "Picture",
    photographs: "Photographs to start with",
    open_picture: "Open a file…",
    use_camera: "Use the camera",
    drop_or_paste: "You can also drop a picture here or paste one.",
    stays_here: "Your pictures never leave this device.",
    own_picture: "Your picture",
    own_picture_alt: "Your picture, {name}",
    forget_own_picture: "Forget my picture",
    photo_credit: "Photo: {credit}",
    reading_picture: "Reading the picture…",
    change_picture_or_model: "Change the picture or the model",
    several_files: "Only the first of the files was opened.",
    picture_replaced: "The link asks for a picture that is not on this device. Another one has taken its place.",

    adjust_crop: "Adjust the crop",
    crop_area: "Crop: the square that the model gets",
    crop_hint: "Drag the square; pinch to zoom. The sliders below do the same.",
    crop_across: "From left to right",
    crop_down: "From top to bottom",
    crop_zoom: "Zoom",
    crop_reset: "Largest square",
    square_alt: "The square that the model gets, cut from: {picture}",
    square_caption: "What the model gets: {size} × {size} pixels",

    camera_starting: "Asking for the camera…",
    camera_live: "Live picture of the camera",
    camera_shoot: "Take the picture",
    camera_close: "Close the camera",
    camera_refused: "This page may not use the camera. Allow it in the browser's site settings (beside the address), or open a file instead.",
    camera_absent: "No camera was found on this device. Open a file instead.",
    camera_busy: "The camera does not answer; another app may be using it. Close that app and try again.",
    camera_insecure: "The browser offers the camera only to pages opened over https or from this very computer. Open a file instead.",
    camera_failed: "The camera gave no picture: {detail}. Open a file instead.",

    model: "Model",
    listing_models: "Looking which models there are…",
    not_downloaded: "This model is not on this device yet. It comes from a public model hub, and only when you ask for it.",
    download: "Download ({size})",
    downloading: "Downloading: {done}",
    downloading_of: "Downloading: {done} of {total}",
    loading_model: "Loading the model…",
    open_model: "Open a model file…",
    own_model_hint: "MobileNetV2 1.0 as safetensors, with the tensor names of torchvision or timm. It stays on this device.",
    model_facts: "{size}, licence: {licence}",
    model_kept: "kept in this browser",
    model_not_kept: "This browser has no room for the model, or does not let the page store it. It works until you close the page; the next visit fetches it again.",
    model_unpinned: "its content cannot be checked against a known hash",
    model_accuracy: "right on {percent} of its validation pictures",
    input_size: "Input size",
    input_size_native: "{size} × {size} (made for this)",
    input_size_hint: "Smaller is faster and less sure.",
    model_replaced: "The link asks for the model “{model}”, which is not here. The built-in one has taken its place.",

    prediction: "What the model sees",
    predicting: "Classifying…",
    no_prediction: "The prediction appears here once a picture and a model are there.",
    took: "{device}, {time}",
    device_cpu: "CPU",
    device_webgpu: "WebGPU",
    knows_classes: "It knows {count} classes and picks from them, whatever the picture shows.",
    top_of: "Confidence in the best labels",

    strength: "How strong",
    epsilon: "Epsilon: the most that any colour value may change",
    epsilon_hint: "A colour value goes from 0 to 255.",
    epsilon_both: "{levels}/255 ({signed} on the [−1, 1] scale)",
    presets: "As in the original, on its [−1, 1] scale",
    preset_title: "{signed} on the [−1, 1] scale is {levels}/255 here",

    goal: "Goal of the attack",
    goal_away: "Away from what the model says",
    goal_away_now: "Away from what the model says: {label}",
    goal_away_from: "Away from a label of your choice",
    goal_towards: "Towards a class",
    class: "Class",
    filter_classes: "Search {count} classes",
    no_class: "No class matches.",
    classes_found: "{count} classes match.",

    attack: "Attack",
    attacking: "Attacking…",
    wait_for_prediction: "Possible as soon as the model has seen the picture.",
    stale: "You have changed something since. Attack again to see what it does.",
    result: "Result",
    no_result: "The result appears here.",
    original: "Original",
    perturbation: "Perturbation × {factor}",
    perturbation_hint: "Grey: no change",
    adversarial: "Adversarial",
    original_alt: "The original picture. The model says: {label}, {confidence}",
    perturbation_alt: "The perturbation, magnified {factor} times: coloured noise on grey",
    adversarial_alt: "The adversarial picture. The model says: {label}, {confidence}",
    before_after: "Before and after in one picture",
    before_after_alt: "Left of the line the original, right of it the adversarial picture",
    before_after_value: "{percent} of the width shows the original",
    before: "Before",
    after: "After",

    fooled: "Fooled",
    hit_target: "Target hit",
    missed_target: "Target missed",
    resisted: "It held",
    nothing_to_do: "Nothing to do",
    fooled_why: "The model said {before} ({before_confidence}) and now says {after} ({after_confidence}).",
    hit_target_why: "The model said {before} ({before_confidence}) and now says {after} ({after_confidence}), as you wanted.",
    missed_target_why: "The model no longer says {before}, but it says {after} ({after_confidence}), not {label}.",
    resisted_why: "The model still says {after}: {after_confidence} now, {before_confidence} before. Try a larger epsilon, another goal or another picture.",
    resisted_target_why: "The model still says {after} ({after_confidence}), not {label}. Try a larger epsilon or another class.",
    already_away_why: "The model says {before} ({before_confidence}), so there is no {label} to lead it away from.",
    already_target_why: "The model said {before} ({before_confidence}) before anything was changed. Choose another class.",

    change: "Size of the change",
    linf: "Largest change of a colour value (L∞)",
    l2: "Length of the change (L2)",
    psnr: "Signal against noise (PSNR)",
    psnr_value: "{value} dB",
    psnr_none: "no change",
    loss: "Loss on that label",
    loss_value: "{before} → {after}",
    attack_time: "Time for the gradient",

    sweep: "Sweep over epsilon",
    sweep_lead: "The same gradient, from no change at all up to {levels}/255.",
    sweep_run: "Run the sweep",
    sweep_again: "Run it again",
    sweep_progress: "{done} of {total} epsilons",
    sweep_alt: "Confidence in {label} against epsilon. {summary}",
    axis_epsilon: "epsilon (n/255)",
    axis_confidence: "confidence in {label}",
    mark_holds: "model holds",
    mark_flipped: "attack succeeds",
    mark_current: "chosen epsilon",
    flips_at: "It flips at {levels}/255 (the first epsilon tried that does it): the model then says {best}.",
    reaches_at: "It reaches {label} at {levels}/255 (the first epsilon tried that does it).",
    flips_from_start: "Nothing needs to be changed for this: the model says {best} of the original picture.",
    flips_never: "It does not flip up to {levels}/255.",
    reaches_never: "It does not reach {label} up to {levels}/255.",
    as_table: "The same as a table",
    column_epsilon: "Epsilon",
    column_best: "The model says",
    column_label: "Confidence in {label}",

    png: "As a PNG file",
    png_lead: "A file holds whole numbers from 0 to 255, the attack computed fractions. Does it survive being saved?",
    png_needs_attack: "Attack the picture first; then it can be saved and classified again.",
    png_save: "Save as PNG",
    png_recheck: "Classify this PNG again",
    png_checking: "Writing, reading and classifying the PNG…",
    png_column_computed: "As computed",
    png_column_file: "From the PNG",
    png_exact: "The file gives back every value as it was written.",
    png_inexact: "The file gives back other values than were written.",
    png_same: "The model says the same of the file: {label}. The attack survives 8 bits.",
    png_different: "The model says {file} of the file and {computed} of the unrounded picture: the rounding made the difference.",
    png_file_size: "{width} × {height} pixels, {size}",

    cancel: "Cancel",
    try_again: "Try again",
    details: "Details",
    working: "Working…",
    list_and: "{name}: {value}",

    stage_opening_device: "Opening the device…",
    stage_checking_device: "Checking the device…",
    stage_fetching: "Fetching the model…",
    stage_unpacking: "Unpacking the model…",
    stage_predicting: "Predicting…",
    stage_differentiating: "Computing the gradient…",
};

static VI: BenchText = BenchText {
    bench: "Bàn thí nghiệm",

    picture: "Bức ảnh",
    photographs: "Ảnh có sẵn để bắt đầu",
    open_picture: "Mở tệp ảnh…",
    use_camera: "Dùng máy ảnh",
    drop_or_paste: "Bạn cũng có thể kéo thả hoặc dán ảnh vào đây.",
    stays_here: "Ảnh của bạn không bao giờ rời khỏi thiết bị này.",
    own_picture: "Ảnh của bạn",
    own_picture_alt: "Ảnh của bạn, {name}",
    forget_own_picture: "Xoá ảnh của tôi",
    photo_credit: "Ảnh: {credit}",
    reading_picture: "Đang đọc ảnh…",
    change_picture_or_model: "Đổi ảnh hoặc mô hình",
    several_files: "Chỉ mở tệp đầu tiên trong số các tệp.",
    picture_replaced: "Liên kết yêu cầu một bức ảnh không có trên thiết bị này. Một ảnh khác đã thay vào chỗ đó.",

    adjust_crop: "Chỉnh vùng cắt",
    crop_area: "Vùng cắt: hình vuông đưa vào mô hình",
    crop_hint: "Kéo hình vuông; chụm hai ngón để phóng to. Các thanh trượt bên dưới cũng làm được như vậy.",
    crop_across: "Từ trái sang phải",
    crop_down: "Từ trên xuống dưới",
    crop_zoom: "Phóng to",
    crop_reset: "Hình vuông lớn nhất",
    square_alt: "Hình vuông đưa vào mô hình, cắt từ: {picture}",
    square_caption: "Thứ mô hình nhận được: {size} × {size} điểm ảnh",

    camera_starting: "Đang xin quyền dùng máy ảnh…",
    camera_live: "Hình trực tiếp từ máy ảnh",
    camera_shoot: "Chụp",
    camera_close: "Đóng máy ảnh",
    camera_refused: "Trang này chưa được phép dùng máy ảnh. Hãy cho phép trong phần cài đặt trang của trình duyệt (cạnh thanh địa chỉ), hoặc mở một tệp ảnh.",
    camera_absent: "Không tìm thấy máy ảnh trên thiết bị này. Hãy mở một tệp ảnh.",
    camera_busy: "Máy ảnh không phản hồi; có thể ứng dụng khác đang dùng. Hãy đóng ứng dụng đó rồi thử lại.",
    camera_insecure: "Trình duyệt chỉ cho dùng máy ảnh trên trang mở qua https hoặc mở từ chính máy này. Hãy mở một tệp ảnh.",
    camera_failed: "Máy ảnh không cho hình: {detail}. Hãy mở một tệp ảnh.",

    model: "Mô hình",
    listing_models: "Đang xem có những mô hình nào…",
    not_downloaded: "Mô hình này chưa có trên thiết bị. Nó được tải từ một kho mô hình công khai, và chỉ khi bạn yêu cầu.",
    download: "Tải về ({size})",
    downloading: "Đang tải: {done}",
    downloading_of: "Đang tải: {done} trên {total}",
    loading_model: "Đang nạp mô hình…",
    open_model: "Mở tệp mô hình…",
    own_model_hint: "MobileNetV2 1.0 dạng safetensors, tên tensor theo torchvision hoặc timm. Tệp không rời khỏi thiết bị này.",
    model_facts: "{size}, giấy phép: {licence}",
    model_kept: "đã lưu trong trình duyệt này",
    model_not_kept: "Trình duyệt này không còn chỗ cho mô hình, hoặc không cho trang lưu. Mô hình vẫn dùng được đến khi bạn đóng trang; lần sau phải tải lại.",
    model_unpinned: "không có mã băm biết trước để kiểm tra nội dung",
    model_accuracy: "đúng {percent} số ảnh kiểm định",
    input_size: "Kích thước đầu vào",
    input_size_native: "{size} × {size} (kích thước gốc)",
    input_size_hint: "Nhỏ hơn thì nhanh hơn nhưng kém chắc chắn hơn.",
    model_replaced: "Liên kết yêu cầu mô hình “{model}”, nhưng ở đây không có. Mô hình có sẵn đã thay vào chỗ đó.",

    prediction: "Mô hình thấy gì",
    predicting: "Đang phân loại…",
    no_prediction: "Dự đoán sẽ hiện ở đây khi đã có ảnh và mô hình.",
    took: "{device}, {time}",
    device_cpu: "CPU",
    device_webgpu: "WebGPU",
    knows_classes: "Mô hình biết {count} lớp và luôn chọn một trong số đó, dù ảnh có gì đi nữa.",
    top_of: "Độ tin cậy của các nhãn cao nhất",

    strength: "Mạnh đến đâu",
    epsilon: "Epsilon: mỗi giá trị màu được đổi nhiều nhất bao nhiêu",
    epsilon_hint: "Một giá trị màu đi từ 0 đến 255.",
    epsilon_both: "{levels}/255 ({signed} trên thang [−1, 1])",
    presets: "Như bản gốc, trên thang [−1, 1] của nó",
    preset_title: "{signed} trên thang [−1, 1] là {levels}/255 ở đây",

    goal: "Mục tiêu tấn công",
    goal_away: "Rời khỏi điều mô hình đang nói",
    goal_away_now: "Rời khỏi điều mô hình đang nói: {label}",
    goal_away_from: "Rời khỏi một nhãn do bạn chọn",
    goal_towards: "Hướng tới một lớp",
    class: "Lớp",
    filter_classes: "Tìm trong {count} lớp",
    no_class: "Không có lớp nào khớp.",
    classes_found: "Có {count} lớp khớp.",

    attack: "Tấn công",
    attacking: "Đang tấn công…",
    wait_for_prediction: "Bấm được ngay khi mô hình đã xem ảnh.",
    stale: "Bạn vừa thay đổi thiết lập. Hãy tấn công lại để xem kết quả mới.",
    result: "Kết quả",
    no_result: "Kết quả sẽ hiện ở đây.",
    original: "Ảnh gốc",
    perturbation: "Nhiễu × {factor}",
    perturbation_hint: "Màu xám: không đổi",
    adversarial: "Ảnh đối kháng",
    original_alt: "Ảnh gốc. Mô hình nói: {label}, {confidence}",
    perturbation_alt: "Nhiễu được khuếch đại {factor} lần: các hạt màu trên nền xám",
    adversarial_alt: "Ảnh đối kháng. Mô hình nói: {label}, {confidence}",
    before_after: "Trước và sau trong cùng một ảnh",
    before_after_alt: "Bên trái vạch là ảnh gốc, bên phải là ảnh đối kháng",
    before_after_value: "{percent} bề ngang là ảnh gốc",
    before: "Trước",
    after: "Sau",

    fooled: "Đã bị lừa",
    hit_target: "Trúng đích",
    missed_target: "Trượt đích",
    resisted: "Vẫn đứng vững",
    nothing_to_do: "Không có gì để làm",
    fooled_why: "Trước đó mô hình nói {before} ({before_confidence}), giờ nó nói {after} ({after_confidence}).",
    hit_target_why: "Trước đó mô hình nói {before} ({before_confidence}), giờ nó nói {after} ({after_confidence}), đúng như bạn muốn.",
    missed_target_why: "Mô hình không còn nói {before} nữa, nhưng nó nói {after} ({after_confidence}) chứ không phải {label}.",
    resisted_why: "Mô hình vẫn nói {after}: giờ là {after_confidence}, trước đó là {before_confidence}. Hãy thử epsilon lớn hơn, mục tiêu khác hoặc ảnh khác.",
    resisted_target_why: "Mô hình vẫn nói {after} ({after_confidence}) chứ không phải {label}. Hãy thử epsilon lớn hơn hoặc lớp khác.",
    already_away_why: "Mô hình nói {before} ({before_confidence}), nên không có nhãn {label} nào để kéo nó ra xa.",
    already_target_why: "Mô hình đã nói {before} ({before_confidence}) từ trước khi thay đổi gì. Hãy chọn lớp khác.",

    change: "Thay đổi lớn cỡ nào",
    linf: "Thay đổi lớn nhất của một giá trị màu (L∞)",
    l2: "Độ dài của thay đổi (L2)",
    psnr: "Tín hiệu so với nhiễu (PSNR)",
    psnr_value: "{value} dB",
    psnr_none: "không đổi",
    loss: "Hàm mất mát theo nhãn đó",
    loss_value: "{before} → {after}",
    attack_time: "Thời gian tính gradient",

    sweep: "Quét qua các epsilon",
    sweep_lead: "Cùng một gradient, từ không đổi gì cho tới {levels}/255.",
    sweep_run: "Bắt đầu quét",
    sweep_again: "Quét lại",
    sweep_progress: "{done} trên {total} epsilon",
    sweep_alt: "Độ tin cậy của {label} theo epsilon. {summary}",
    axis_epsilon: "epsilon (n/255)",
    axis_confidence: "độ tin cậy của {label}",
    mark_holds: "mô hình đứng vững",
    mark_flipped: "tấn công thành công",
    mark_current: "epsilon đang chọn",
    flips_at: "Mô hình đổi ý tại {levels}/255 (epsilon đầu tiên trong số đã thử): khi đó nó nói {best}.",
    reaches_at: "Tới được {label} tại {levels}/255 (epsilon đầu tiên trong số đã thử).",
    flips_from_start: "Không cần đổi gì cả: với ảnh gốc mô hình đã nói {best}.",
    flips_never: "Mô hình không đổi ý cho tới {levels}/255.",
    reaches_never: "Không tới được {label} cho tới {levels}/255.",
    as_table: "Xem dưới dạng bảng",
    column_epsilon: "Epsilon",
    column_best: "Mô hình nói",
    column_label: "Độ tin cậy của {label}",

    png: "Thành tệp PNG",
    png_lead: "Tệp ảnh chỉ chứa số nguyên từ 0 đến 255, còn phép tấn công cho ra số lẻ. Lưu lại rồi thì nó còn tác dụng không?",
    png_needs_attack: "Hãy tấn công ảnh trước; sau đó mới lưu và phân loại lại được.",
    png_save: "Lưu thành PNG",
    png_recheck: "Phân loại lại chính tệp PNG này",
    png_checking: "Đang ghi, đọc lại và phân loại tệp PNG…",
    png_column_computed: "Như đã tính",
    png_column_file: "Từ tệp PNG",
    png_exact: "Tệp trả lại đúng từng giá trị đã ghi.",
    png_inexact: "Tệp trả lại giá trị khác với lúc ghi.",
    png_same: "Với tệp này mô hình vẫn nói: {label}. Tấn công còn nguyên tác dụng sau khi làm tròn về 8 bit.",
    png_different: "Với tệp này mô hình nói {file}, với ảnh chưa làm tròn nó nói {computed}: phép làm tròn tạo ra khác biệt.",
    png_file_size: "{width} × {height} điểm ảnh, {size}",

    cancel: "Huỷ",
    try_again: "Thử lại",
    details: "Chi tiết",
    working: "Đang xử lý…",
    list_and: "{name}: {value}",

    stage_opening_device: "Đang mở thiết bị tính toán…",
    stage_checking_device: "Đang kiểm tra thiết bị…",
    stage_fetching: "Đang tải mô hình…",
    stage_unpacking: "Đang giải nén mô hình…",
    stage_predicting: "Đang dự đoán…",
    stage_differentiating: "Đang tính gradient…",
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_filled_in_and_unknown_ones_stay() {
        assert_eq!(fill("a {b} c", &[("b", "{x}")]), "a {x} c");
        assert_eq!(fill("{a}{a}", &[("a", "1")]), "11");
        assert_eq!(fill("{missing}", &[]), "{missing}");
        assert_eq!(fill("open { end", &[("x", "y")]), "open { end");
        assert_eq!(fill("mèo {x} ảnh", &[("x", "là")]), "mèo là ảnh");
    }

    /// The names a template asks for, sorted.
    fn names(template: &str) -> Vec<&str> {
        let mut names: Vec<_> =
            template.split('{').skip(1).filter_map(|part| part.split('}').next()).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    #[test]
    fn both_languages_ask_for_the_same_values() {
        let field = |text: &BenchText| -> Vec<String> {
            format!("{text:#?}").lines().map(str::to_owned).collect()
        };
        let (english, vietnamese) = (field(&EN), field(&VI));
        assert_eq!(english.len(), vietnamese.len());
        for (one, other) in english[1..english.len() - 1].iter().zip(&vietnamese[1..]) {
            assert_eq!(names(one), names(other), "{one} against {other}");
        }
    }
}
