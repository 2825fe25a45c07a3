//! The interface's words: one field a string, one constant a language, so that a missing
//! translation does not compile. `{name}` marks what the caller puts in.

pub use super::lang::Lang;
pub use super::problem_text::{ProblemText, problem_text};
use crate::protocol::DeviceKind;

/// Every string of the page's frame.
#[derive(Debug)]
pub struct Text {
    pub product: &'static str,
    pub tagline: &'static str,
    pub what_1: &'static str,
    pub what_2: &'static str,
    pub what_3: &'static str,
    pub start_first: &'static str,
    pub continue_at: &'static str,
    pub lessons: &'static str,
    pub announced: &'static str,
    pub minutes: &'static str,
    pub finished: &'static str,
    pub steps_done: &'static str,

    pub skip_to_content: &'static str,
    pub home: &'static str,
    pub contents: &'static str,
    pub open_contents: &'static str,
    pub close: &'static str,
    pub language: &'static str,
    pub theme: &'static str,
    pub theme_auto: &'static str,
    pub theme_light: &'static str,
    pub theme_dark: &'static str,

    pub lesson: &'static str,
    pub step_of: &'static str,
    pub step_done: &'static str,
    pub minutes_left: &'static str,
    pub previous: &'static str,
    pub next: &'static str,
    pub finish: &'static str,
    pub back_to_lessons: &'static str,
    pub loading: &'static str,
    pub loading_failed: &'static str,
    pub retry: &'static str,
    pub ways: &'static str,

    pub not_found: &'static str,
    pub not_found_lesson: &'static str,
    pub not_found_step: &'static str,
    pub not_yet: &'static str,
    pub not_yet_body: &'static str,
    pub to_front_page: &'static str,
    pub to_lesson_start: &'static str,
    pub unknown_widget: &'static str,

    pub device: &'static str,
    pub device_open: &'static str,
    pub device_intro: &'static str,
    pub device_now: &'static str,
    pub device_switch: &'static str,
    pub device_automatic: &'static str,
    pub device_cpu: &'static str,
    pub device_gpu: &'static str,
    pub chip_loading: &'static str,
    pub chip_failed: &'static str,

    pub reason_chosen: &'static str,
    pub reason_chosen_not_ready: &'static str,
    pub reason_faster: &'static str,
    pub reason_only_one: &'static str,
    pub reason_waiting: &'static str,

    pub state_loading: &'static str,
    pub state_ready: &'static str,
    pub state_failed: &'static str,
    pub state_restarting: &'static str,
    pub state_absent: &'static str,
    pub absent_not_tried: &'static str,
    pub absent_not_shipped: &'static str,
    pub absent_no_webgpu: &'static str,
    pub absent_no_adapter: &'static str,
    pub absent_software: &'static str,
    pub absent_data_saver: &'static str,
    pub absent_no_module_workers: &'static str,
    pub start_engine: &'static str,

    pub adapter: &'static str,
    pub adapter_unnamed: &'static str,
    pub self_check: &'static str,
    pub self_check_passed: &'static str,
    pub self_check_meaning: &'static str,
    pub time: &'static str,
    pub limits: &'static str,

    pub stored_here: &'static str,
    pub stored_models: &'static str,
    pub no_stored_models: &'static str,
    pub delete_models: &'static str,
    pub models_deleted: &'static str,
    pub delete_progress: &'static str,
    pub progress_deleted: &'static str,
    pub storage_forbidden: &'static str,
    pub stored_picture: &'static str,
    pub delete_picture: &'static str,
    pub picture_deleted: &'static str,
    pub delete_texts: &'static str,
    pub texts_deleted: &'static str,

    pub technical_detail: &'static str,
}

/// The frame's words in one language.
pub fn text(lang: Lang) -> &'static Text {
    match lang {
        Lang::En => &EN,
        Lang::Vi => &VI,
    }
}

/// The name of a device.
pub fn device_label(text: &'static Text, device: DeviceKind) -> &'static str {
    match device {
        DeviceKind::Cpu => text.device_cpu,
        DeviceKind::WebGpu => text.device_gpu,
    }
}

/// The words in the language of the page, following it as it changes.
#[cfg(feature = "page")]
pub fn use_text() -> leptos::prelude::Signal<&'static Text> {
    use leptos::prelude::{Get, Signal};

    let lang = super::place::use_lang();
    Signal::derive(move || text(lang.get()))
}

/// English.
pub static EN: Text = Text {
    product: "Resilient AI",
    tagline: "A codelab on attacking and defending neural networks",
    what_1: "Fool an image classifier with a change that no eye notices, and find out why it works.",
    what_2: "Everything is computed in this browser: your pictures never leave your device.",
    what_3: "No account, nothing to install. A phone is enough.",
    start_first: "Start with lesson {number}",
    continue_at: "Continue at step {number}: {step}",
    lessons: "Lessons",
    announced: "In preparation",
    minutes: "{minutes} min",
    finished: "Finished",
    steps_done: "{done} of {all} steps",

    skip_to_content: "Skip to content",
    home: "Front page",
    contents: "Contents",
    open_contents: "Open contents",
    close: "Close",
    language: "Language",
    theme: "Colours: {theme}",
    theme_auto: "as the system",
    theme_light: "light",
    theme_dark: "dark",

    lesson: "Lesson {number}",
    step_of: "Step {number} of {all}",
    step_done: "done",
    minutes_left: "about {minutes} min left",
    previous: "Previous",
    next: "Next",
    finish: "Finish the lesson",
    back_to_lessons: "Back to the lessons",
    loading: "Loading…",
    loading_failed: "The lesson could not be loaded. Check the connection and try again.",
    retry: "Try again",
    ways: "Previous and next step",

    not_found: "There is nothing at this address",
    not_found_lesson: "No lesson here is called “{name}”. The link may be old or mistyped.",
    not_found_step: "This lesson has no step “{name}”. The link may be old or mistyped.",
    not_yet: "This lesson is being written",
    not_yet_body: "It will appear here when it is ready. Lessons that are there already:",
    to_front_page: "To the front page",
    to_lesson_start: "To the start of the lesson",
    unknown_widget: "This part of the lesson cannot be shown by this version of the page: {name}",

    device: "Device",
    device_open: "Device: {state}. Open details",
    device_intro: "Two engines can do the arithmetic: one on the processor (CPU), one on the graphics chip (WebGPU). Each checks itself before it is used.",
    device_now: "Computing on {device}",
    device_switch: "Compute on",
    device_automatic: "Whichever is faster",
    device_cpu: "CPU",
    device_gpu: "WebGPU",
    chip_loading: "starting",
    chip_failed: "not working",

    reason_chosen: "because you chose it.",
    reason_chosen_not_ready: "because the device you chose is not ready.",
    reason_faster: "because it was faster in the self-check.",
    reason_only_one: "because it is the only one ready.",
    reason_waiting: "as soon as it is ready.",

    state_loading: "Starting",
    state_ready: "Ready",
    state_failed: "Not working",
    state_restarting: "Restarting",
    state_absent: "Not in use",
    absent_not_tried: "It is looked for after the CPU engine is ready.",
    absent_not_shipped: "This site does not include a WebGPU engine. The CPU does everything.",
    absent_no_webgpu: "This browser has no WebGPU. The CPU does everything.",
    absent_no_adapter: "WebGPU offers no graphics adapter here. The CPU does everything.",
    absent_software: "The only adapter is emulated in software, which is slower than the CPU engine.",
    absent_data_saver: "The browser is set to save data, so the WebGPU engine was not downloaded.",
    absent_no_module_workers: "This browser is too old: it cannot run modules in workers. Please update it.",
    start_engine: "Start anyway",

    adapter: "Adapter",
    adapter_unnamed: "not named by the browser",
    self_check: "Self-check",
    self_check_passed: "passed, error {error} (accepted: {tolerance})",
    self_check_meaning: "A small convolution and its gradient, compared with the CPU. The error is relative to the largest value.",
    time: "Time of the check",
    limits: "Limits",

    stored_here: "Stored in this browser",
    stored_models: "Downloaded models: {names}",
    no_stored_models: "No downloaded models.",
    delete_models: "Delete downloaded models",
    models_deleted: "The downloaded models were deleted.",
    delete_progress: "Forget my progress",
    progress_deleted: "Your progress was forgotten.",
    storage_forbidden: "This browser does not let the page store anything. Your progress lasts until you close it.",
    stored_picture: "Your picture: {name}",
    delete_picture: "Forget my picture",
    picture_deleted: "Your picture was forgotten.",
    delete_texts: "Forget my texts",
    texts_deleted: "What you wrote was forgotten.",

    technical_detail: "Technical detail",
};

/// Vietnamese.
pub static VI: Text = Text {
    product: "Resilient AI",
    tagline: "Bài thực hành về tấn công và phòng vệ mạng nơ-ron",
    what_1: "Đánh lừa một bộ phân loại ảnh bằng thay đổi mắt thường không thấy, rồi tìm hiểu vì sao.",
    what_2: "Mọi phép tính diễn ra ngay trong trình duyệt: ảnh của bạn không rời khỏi thiết bị.",
    what_3: "Không cần tài khoản, không phải cài đặt. Một chiếc điện thoại là đủ.",
    start_first: "Bắt đầu với bài {number}",
    continue_at: "Học tiếp từ bước {number}: {step}",
    lessons: "Các bài học",
    announced: "Đang soạn",
    minutes: "{minutes} phút",
    finished: "Đã học xong",
    steps_done: "{done}/{all} bước",

    skip_to_content: "Đến phần nội dung",
    home: "Trang đầu",
    contents: "Mục lục",
    open_contents: "Mở mục lục",
    close: "Đóng",
    language: "Ngôn ngữ",
    theme: "Màu: {theme}",
    theme_auto: "theo hệ thống",
    theme_light: "sáng",
    theme_dark: "tối",

    lesson: "Bài {number}",
    step_of: "Bước {number}/{all}",
    step_done: "đã xong",
    minutes_left: "còn khoảng {minutes} phút",
    previous: "Trước",
    next: "Tiếp",
    finish: "Kết thúc bài học",
    back_to_lessons: "Về danh sách bài học",
    loading: "Đang tải…",
    loading_failed: "Không tải được bài học. Hãy kiểm tra kết nối mạng rồi thử lại.",
    retry: "Thử lại",
    ways: "Bước trước và bước sau",

    not_found: "Không có gì ở địa chỉ này",
    not_found_lesson: "Không có bài học nào tên là “{name}”. Có thể liên kết đã cũ hoặc gõ nhầm.",
    not_found_step: "Bài học này không có bước “{name}”. Có thể liên kết đã cũ hoặc gõ nhầm.",
    not_yet: "Bài học này đang được soạn",
    not_yet_body: "Bài sẽ xuất hiện ở đây khi hoàn thành. Những bài đã có:",
    to_front_page: "Về trang đầu",
    to_lesson_start: "Về đầu bài học",
    unknown_widget: "Phiên bản này của trang không hiển thị được phần này của bài: {name}",

    device: "Thiết bị",
    device_open: "Thiết bị: {state}. Mở chi tiết",
    device_intro: "Có hai engine tính toán: một chạy trên bộ xử lý (CPU), một chạy trên chip đồ hoạ (WebGPU). Mỗi engine tự kiểm tra trước khi được dùng.",
    device_now: "Đang tính trên {device}",
    device_switch: "Tính trên",
    device_automatic: "Thiết bị nào nhanh hơn",
    device_cpu: "CPU",
    device_gpu: "WebGPU",
    chip_loading: "đang khởi động",
    chip_failed: "không hoạt động",

    reason_chosen: "vì bạn đã chọn.",
    reason_chosen_not_ready: "vì thiết bị bạn chọn chưa sẵn sàng.",
    reason_faster: "vì nhanh hơn trong lần tự kiểm tra.",
    reason_only_one: "vì chỉ thiết bị này sẵn sàng.",
    reason_waiting: "ngay khi sẵn sàng.",

    state_loading: "Đang khởi động",
    state_ready: "Sẵn sàng",
    state_failed: "Không hoạt động",
    state_restarting: "Đang khởi động lại",
    state_absent: "Không dùng",
    absent_not_tried: "Sẽ được tìm sau khi engine CPU sẵn sàng.",
    absent_not_shipped: "Trang này không kèm engine WebGPU. CPU đảm nhận mọi việc.",
    absent_no_webgpu: "Trình duyệt này không có WebGPU. CPU đảm nhận mọi việc.",
    absent_no_adapter: "WebGPU ở đây không có bộ điều hợp đồ hoạ nào. CPU đảm nhận mọi việc.",
    absent_software: "Chỉ có bộ điều hợp mô phỏng bằng phần mềm, chậm hơn engine CPU.",
    absent_data_saver: "Trình duyệt đang ở chế độ tiết kiệm dữ liệu nên engine WebGPU chưa được tải.",
    absent_no_module_workers: "Trình duyệt này quá cũ: không chạy được mô-đun trong worker. Hãy cập nhật trình duyệt.",
    start_engine: "Vẫn khởi động",

    adapter: "Bộ điều hợp",
    adapter_unnamed: "trình duyệt không nêu tên",
    self_check: "Tự kiểm tra",
    self_check_passed: "đạt, sai số {error} (cho phép: {tolerance})",
    self_check_meaning: "Một phép tích chập nhỏ cùng gradient của nó, so với kết quả trên CPU. Sai số tính tương đối so với giá trị lớn nhất.",
    time: "Thời gian kiểm tra",
    limits: "Giới hạn",

    stored_here: "Lưu trong trình duyệt này",
    stored_models: "Mô hình đã tải: {names}",
    no_stored_models: "Chưa tải mô hình nào.",
    delete_models: "Xoá các mô hình đã tải",
    models_deleted: "Đã xoá các mô hình đã tải.",
    delete_progress: "Quên tiến độ của tôi",
    progress_deleted: "Đã quên tiến độ của bạn.",
    storage_forbidden: "Trình duyệt không cho trang này lưu gì cả. Tiến độ chỉ còn đến khi bạn đóng trang.",
    stored_picture: "Ảnh của bạn: {name}",
    delete_picture: "Quên ảnh của tôi",
    picture_deleted: "Đã quên ảnh của bạn.",
    delete_texts: "Quên văn bản của tôi",
    texts_deleted: "Đã quên những gì bạn viết.",

    technical_detail: "Chi tiết kỹ thuật",
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::catalogue_check::assert_alike;

    #[test]
    fn both_languages_ask_for_the_same_values_and_leave_nothing_empty() {
        assert_alike(&EN, &VI);
    }
}
