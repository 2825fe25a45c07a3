//! What the page says about a [`Problem`]: what happened, to what, and what can be done.

use super::lang::Lang;
use crate::protocol::{Problem, ProblemKind};

/// A problem in a reader's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProblemText {
    /// What happened, to what.
    pub what: String,
    /// What can be done about it.
    pub advice: &'static str,
}

/// A problem in the reader's language. Its technical detail stays in [`Problem::detail`].
pub fn problem_text(lang: Lang, problem: &Problem) -> ProblemText {
    let (template, advice) = match lang {
        Lang::En => english(problem.kind),
        Lang::Vi => vietnamese(problem.kind),
    };
    let what = if problem.subject.is_empty() {
        template.replace("“{subject}”", unnamed(lang)).replace("{subject}", unnamed(lang))
    } else {
        template.replace("{subject}", &problem.subject)
    };
    ProblemText { what: capitalised(&what), advice }
}

fn unnamed(lang: Lang) -> &'static str {
    match lang {
        Lang::En => "this",
        Lang::Vi => "mục này",
    }
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}

fn english(kind: ProblemKind) -> (&'static str, &'static str) {
    match kind {
        ProblemKind::NotAPicture => (
            "“{subject}” is not a picture that can be read here.",
            "Choose a PNG, JPEG, WebP or GIF file.",
        ),
        ProblemKind::BrokenPicture => (
            "“{subject}” is damaged or incomplete.",
            "Open it in another program and save it again, or choose another picture.",
        ),
        ProblemKind::PictureTooLarge => (
            "“{subject}” has more pixels than can be handled here.",
            "Make it smaller first, or take a screenshot of it.",
        ),
        ProblemKind::PictureShape => (
            "“{subject}” does not have a shape that the model can take.",
            "Choose another input size, or another part of the picture.",
        ),
        ProblemKind::UnknownModel => (
            "There is no model called “{subject}”.",
            "Choose a model from the list, or pick your file again.",
        ),
        ProblemKind::BrokenManifest => (
            "“{subject}”, a file of this site, cannot be read.",
            "Reload the page. If that does not help, the site's owner has to mend it.",
        ),
        ProblemKind::BrokenWeights => (
            "The weights “{subject}” are incomplete or damaged.",
            "Load them again, or pick another file.",
        ),
        ProblemKind::WrongHash => (
            "“{subject}” is not the file it should be: its checksum differs.",
            "Load it again. If it differs again, the file was changed at its source; it is not used.",
        ),
        ProblemKind::WrongTensors => (
            "“{subject}” does not hold what this kind of model needs.",
            "It has to be a MobileNetV2 (tensor names of torchvision or timm) or an EfficientNet-B0 to B4 or Lite0 (timm), in safetensors form.",
        ),
        ProblemKind::NotFinite => (
            "“{subject}” has come to numbers that are not finite.",
            "An attack stands at its last good step: try a smaller step or another loss. If it is the model's file, pick another.",
        ),
        ProblemKind::Offline => (
            "“{subject}” could not be fetched: there is no connection.",
            "What is already loaded still works. Try again when you are online.",
        ),
        ProblemKind::Refused => (
            "The server did not hand out “{subject}”.",
            "What is already loaded still works. Try again later.",
        ),
        ProblemKind::StorageFull => (
            "The browser has no room for “{subject}”, or does not let the page store it.",
            "It works until you close the page. To keep it, free some space or leave private browsing.",
        ),
        ProblemKind::NoWebGpu => (
            "There is no WebGPU here.",
            "The CPU does everything; there is nothing you need to do.",
        ),
        ProblemKind::DeviceLost => (
            "The graphics device was taken away while it was computing.",
            "The page goes on with the CPU. Try again.",
        ),
        ProblemKind::SelfCheckFailed => (
            "{subject} computes wrong results here, so it is not used.",
            "The other device does the work. An update of the browser or the graphics driver may help.",
        ),
        ProblemKind::BadRequest => (
            "The page asked for something that cannot be computed.",
            "Choose other settings and try again.",
        ),
        ProblemKind::NoSuchLabel => {
            ("The model does not know this label.", "Choose another label or another model.")
        }
        ProblemKind::UnknownRun => (
            "The attack was lost when the engine was started again.",
            "Start it again; your settings are kept.",
        ),
        ProblemKind::Cancelled => ("Cancelled.", "Nothing was lost; start again when you like."),
        ProblemKind::EngineStopped => (
            "The engine stopped in the middle of its work and was started again.",
            "Try again. A smaller input size needs less memory.",
        ),
        ProblemKind::Internal => (
            "Something went wrong inside the page.",
            "Try again, or reload the page; your progress is kept.",
        ),
        ProblemKind::EngineNotStarted => (
            "The engine “{subject}” could not be started.",
            "Check the connection and try again. If memory is short, close other tabs first.",
        ),
        ProblemKind::TooOldBrowser => (
            "This browser is too old: it cannot run modules in workers.",
            "Please update it, or open this page in another browser.",
        ),
        ProblemKind::ModelTooLarge => (
            "“{subject}” is too large to be a model for this page.",
            "A MobileNetV2 1.0 has about 14 MB. Pick another file.",
        ),
        ProblemKind::EmptyText => ("There is no text.", "Write or choose one first."),
        ProblemKind::PolicyTooLong => {
            ("The policy is so long that the text has no room beside it.", "Shorten the policy.")
        }
        ProblemKind::MissingResponse => (
            "There is no response to check.",
            "Write the chatbot's response too, or check the prompt alone.",
        ),
        ProblemKind::WrongTokenizer => (
            "“{subject}” is not a tokenizer that this model can work with.",
            "It has to be the tokenizer.json that belongs to the weights, and it has to know “Yes” and “No”.",
        ),
        ProblemKind::WrongArchitecture => (
            "“{subject}” describes another kind of network.",
            "Only Gemma 2 is read here, which ShieldGemma is built on; Gemma 1 and Gemma 3 differ from it.",
        ),
        ProblemKind::WrongGuardTensors => (
            "“{subject}” does not hold the weights that this guard needs.",
            "The weights and the config.json have to belong together. Load the guard again; if that does not help, its files do not fit each other.",
        ),
        ProblemKind::GuardNotFinite => (
            "The guard has come to numbers that are not finite, so there is no verdict.",
            "Try another text, or compute on the other device. If it happens with every text, the guard's file is at fault.",
        ),
        ProblemKind::NoGradient => (
            "This guard is too large for gradients: its weights stay packed.",
            "Choose the small guard to see which words decide and which would turn the verdict.",
        ),
        ProblemKind::NoPrivateFiles => (
            "This browser keeps no large files for the page.",
            "Leave private browsing, or allow the page to store data. It needs a current Chrome, Edge, Firefox or Safari.",
        ),
        ProblemKind::OpenElsewhere => (
            "“{subject}” is in use, here or in another tab.",
            "Wait until that work is done, or close the other tabs with this page, and try again. Nothing was lost.",
        ),
        ProblemKind::NoRoom => (
            "There is not enough room for “{subject}”.",
            "Free some space on the device, or delete other sites' data, and continue. What is imported already is kept.",
        ),
        ProblemKind::TokenRefused => (
            "“{subject}” does not hand the files out to you.",
            "Accept the licence on the model's page there first, signed in with your account; then check the access token: it has to be able to read, and whole.",
        ),
        ProblemKind::MissingFile => (
            "The file “{subject}” is missing.",
            "Every file of the model is needed: the two files of weights, their index, config.json and tokenizer.json. Pick all of them at once.",
        ),
        ProblemKind::UnreadableFile => (
            "The file “{subject}” cannot be read, or is not what its name says.",
            "If it was moved or changed meanwhile, pick it again; otherwise download it again from where it came from.",
        ),
        ProblemKind::DamagedImport => (
            "What this browser kept of “{subject}” is damaged.",
            "Delete the import and import it again.",
        ),
        ProblemKind::OtherImport => (
            "What is kept of an import was made from other files.",
            "Take the files that it was begun with to go on, or start over with these: then what is done is lost.",
        ),
        ProblemKind::OutOfGpuMemory => (
            "The graphics memory does not suffice for this.",
            "Compute on the CPU, which the device panel at the top offers, or close what else uses the GPU and reload the page. A smaller model or input needs less.",
        ),
    }
}

fn vietnamese(kind: ProblemKind) -> (&'static str, &'static str) {
    match kind {
        ProblemKind::NotAPicture => (
            "“{subject}” không phải là ảnh mà trang này đọc được.",
            "Hãy chọn tệp PNG, JPEG, WebP hoặc GIF.",
        ),
        ProblemKind::BrokenPicture => (
            "“{subject}” bị hỏng hoặc không đầy đủ.",
            "Hãy mở và lưu lại ảnh bằng chương trình khác, hoặc chọn ảnh khác.",
        ),
        ProblemKind::PictureTooLarge => (
            "“{subject}” có quá nhiều điểm ảnh, trang này không xử lý được.",
            "Hãy thu nhỏ ảnh trước, hoặc chụp màn hình ảnh đó.",
        ),
        ProblemKind::PictureShape => (
            "“{subject}” không có hình dạng mà mô hình nhận được.",
            "Hãy chọn kích thước đầu vào khác, hoặc phần khác của ảnh.",
        ),
        ProblemKind::UnknownModel => (
            "Không có mô hình nào tên là “{subject}”.",
            "Hãy chọn một mô hình trong danh sách, hoặc chọn lại tệp của bạn.",
        ),
        ProblemKind::BrokenManifest => (
            "Không đọc được “{subject}”, một tệp của trang này.",
            "Hãy tải lại trang. Nếu vẫn lỗi, chủ trang cần sửa tệp này.",
        ),
        ProblemKind::BrokenWeights => {
            ("Tệp trọng số “{subject}” bị thiếu hoặc hỏng.", "Hãy tải lại, hoặc chọn tệp khác.")
        }
        ProblemKind::WrongHash => (
            "“{subject}” không đúng là tệp cần có: mã kiểm tra khác.",
            "Hãy tải lại. Nếu vẫn khác, tệp ở nguồn đã bị thay đổi và sẽ không được dùng.",
        ),
        ProblemKind::WrongTensors => (
            "“{subject}” không chứa những gì loại mô hình này cần.",
            "Tệp phải là MobileNetV2 (tên tensor theo torchvision hoặc timm) hoặc EfficientNet-B0 đến B4 hay Lite0 (timm), dạng safetensors.",
        ),
        ProblemKind::NotFinite => (
            "“{subject}” cho ra những số không hữu hạn.",
            "Cuộc tấn công dừng ở bước tốt cuối cùng: hãy thử bước nhỏ hơn hoặc hàm mất mát khác. Nếu lỗi nằm ở tệp mô hình, hãy chọn tệp khác.",
        ),
        ProblemKind::Offline => (
            "Không lấy được “{subject}”: không có kết nối mạng.",
            "Những gì đã tải vẫn dùng được. Hãy thử lại khi có mạng.",
        ),
        ProblemKind::Refused => (
            "Máy chủ không cung cấp “{subject}”.",
            "Những gì đã tải vẫn dùng được. Hãy thử lại sau.",
        ),
        ProblemKind::StorageFull => (
            "Trình duyệt không còn chỗ cho “{subject}”, hoặc không cho trang lưu.",
            "Mô hình vẫn dùng được đến khi bạn đóng trang. Muốn giữ lại, hãy giải phóng dung lượng hoặc thoát chế độ riêng tư.",
        ),
        ProblemKind::NoWebGpu => {
            ("Ở đây không có WebGPU.", "CPU đảm nhận mọi việc; bạn không cần làm gì.")
        }
        ProblemKind::DeviceLost => {
            ("Thiết bị đồ hoạ bị ngắt khi đang tính.", "Trang chuyển sang dùng CPU. Hãy thử lại.")
        }
        ProblemKind::SelfCheckFailed => (
            "{subject} cho kết quả sai trên máy này nên không được dùng.",
            "Thiết bị còn lại sẽ làm việc. Cập nhật trình duyệt hoặc trình điều khiển đồ hoạ có thể giúp ích.",
        ),
        ProblemKind::BadRequest => (
            "Trang đã yêu cầu một phép tính không thực hiện được.",
            "Hãy chọn thiết lập khác rồi thử lại.",
        ),
        ProblemKind::NoSuchLabel => {
            ("Mô hình không biết nhãn này.", "Hãy chọn nhãn khác hoặc mô hình khác.")
        }
        ProblemKind::UnknownRun => (
            "Cuộc tấn công đã mất khi bộ máy tính toán khởi động lại.",
            "Hãy bắt đầu lại; thiết lập của bạn vẫn được giữ.",
        ),
        ProblemKind::Cancelled => {
            ("Đã huỷ.", "Không mất gì cả; bạn có thể bắt đầu lại bất cứ lúc nào.")
        }
        ProblemKind::EngineStopped => (
            "Engine tính toán dừng giữa chừng và đã được khởi động lại.",
            "Hãy thử lại. Kích thước đầu vào nhỏ hơn cần ít bộ nhớ hơn.",
        ),
        ProblemKind::Internal => (
            "Trang gặp lỗi bên trong.",
            "Hãy thử lại hoặc tải lại trang; tiến độ của bạn vẫn được giữ.",
        ),
        ProblemKind::EngineNotStarted => (
            "Không khởi động được “{subject}”.",
            "Hãy kiểm tra kết nối mạng rồi thử lại. Nếu thiếu bộ nhớ, hãy đóng bớt các thẻ khác.",
        ),
        ProblemKind::TooOldBrowser => (
            "Trình duyệt này quá cũ: không chạy được mô-đun trong worker.",
            "Hãy cập nhật trình duyệt, hoặc mở trang này bằng trình duyệt khác.",
        ),
        ProblemKind::ModelTooLarge => (
            "“{subject}” quá lớn, không thể là mô hình cho trang này.",
            "MobileNetV2 1.0 nặng khoảng 14 MB. Hãy chọn tệp khác.",
        ),
        ProblemKind::EmptyText => ("Chưa có văn bản nào.", "Hãy viết hoặc chọn một văn bản trước."),
        ProblemKind::PolicyTooLong => {
            ("Chính sách quá dài, không còn chỗ cho văn bản.", "Hãy rút ngắn chính sách.")
        }
        ProblemKind::MissingResponse => (
            "Chưa có câu trả lời để kiểm tra.",
            "Hãy viết cả câu trả lời của chatbot, hoặc chỉ kiểm tra câu hỏi.",
        ),
        ProblemKind::WrongTokenizer => (
            "“{subject}” không phải là bộ tách token mà mô hình này dùng được.",
            "Tệp phải là tokenizer.json đi kèm với trọng số, và phải biết “Yes” và “No”.",
        ),
        ProblemKind::WrongArchitecture => (
            "“{subject}” mô tả một loại mạng khác.",
            "Ở đây chỉ đọc được Gemma 2, nền tảng của ShieldGemma; Gemma 1 và Gemma 3 thì khác.",
        ),
        ProblemKind::WrongGuardTensors => (
            "“{subject}” không chứa những trọng số mà bộ bảo vệ này cần.",
            "Tệp trọng số và config.json phải thuộc về nhau. Hãy tải lại bộ bảo vệ; nếu vẫn lỗi thì các tệp của nó không khớp nhau.",
        ),
        ProblemKind::GuardNotFinite => (
            "Bộ bảo vệ cho ra những số không hữu hạn, nên không có kết luận.",
            "Hãy thử văn bản khác, hoặc tính trên thiết bị còn lại. Nếu văn bản nào cũng vậy thì tệp của bộ bảo vệ bị lỗi.",
        ),
        ProblemKind::NoGradient => (
            "Bộ bảo vệ này quá lớn để tính gradient: trọng số của nó được giữ ở dạng nén.",
            "Hãy chọn bộ bảo vệ nhỏ để xem từ nào quyết định và từ nào đảo được kết luận.",
        ),
        ProblemKind::NoPrivateFiles => (
            "Trình duyệt này không lưu tệp lớn cho trang.",
            "Hãy thoát chế độ riêng tư, hoặc cho phép trang lưu dữ liệu. Cần Chrome, Edge, Firefox hoặc Safari phiên bản mới.",
        ),
        ProblemKind::OpenElsewhere => (
            "“{subject}” đang được dùng, ở đây hoặc trong một thẻ khác.",
            "Hãy đợi việc đó xong, hoặc đóng các thẻ khác đang mở trang này, rồi thử lại. Không mất gì cả.",
        ),
        ProblemKind::NoRoom => (
            "Không đủ chỗ cho “{subject}”.",
            "Hãy giải phóng dung lượng trên thiết bị, hoặc xoá dữ liệu của trang khác, rồi tiếp tục. Phần đã nhập vẫn được giữ.",
        ),
        ProblemKind::TokenRefused => (
            "“{subject}” không giao tệp cho bạn.",
            "Trước hết hãy đăng nhập bằng tài khoản của bạn và chấp nhận giấy phép trên trang của mô hình; sau đó kiểm tra mã truy cập: mã phải có quyền đọc và phải đầy đủ.",
        ),
        ProblemKind::MissingFile => (
            "Thiếu tệp “{subject}”.",
            "Cần mọi tệp của mô hình: hai tệp trọng số, tệp chỉ mục của chúng, config.json và tokenizer.json. Hãy chọn tất cả cùng lúc.",
        ),
        ProblemKind::UnreadableFile => (
            "Không đọc được tệp “{subject}”, hoặc nội dung không đúng với tên.",
            "Nếu tệp đã bị di chuyển hay thay đổi, hãy chọn lại; nếu không, hãy tải lại tệp từ nơi bạn đã lấy.",
        ),
        ProblemKind::DamagedImport => (
            "Phần “{subject}” mà trình duyệt này lưu đã bị hỏng.",
            "Hãy xoá bản đã nhập rồi nhập lại.",
        ),
        ProblemKind::OtherImport => (
            "Phần đã nhập được lưu ở đây đến từ các tệp khác.",
            "Hãy chọn đúng các tệp lúc bắt đầu để đi tiếp, hoặc bắt đầu lại với các tệp này: khi đó phần đã xong sẽ mất.",
        ),
        ProblemKind::OutOfGpuMemory => (
            "Bộ nhớ đồ hoạ không đủ cho việc này.",
            "Hãy tính trên CPU (chọn trong bảng thiết bị ở đầu trang), hoặc đóng những gì khác đang dùng GPU rồi tải lại trang. Mô hình hoặc đầu vào nhỏ hơn cần ít bộ nhớ hơn.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_subject_is_named() {
        let problem = Problem::new(ProblemKind::NotAPicture, "notes.txt", "");
        let text = problem_text(Lang::En, &problem);
        assert_eq!(text.what, "“notes.txt” is not a picture that can be read here.");
    }

    #[test]
    fn without_a_subject_the_sentence_is_still_whole() {
        let problem = Problem::new(ProblemKind::BrokenPicture, "", "");
        assert_eq!(problem_text(Lang::En, &problem).what, "This is damaged or incomplete.");
        assert_eq!(problem_text(Lang::Vi, &problem).what, "Mục này bị hỏng hoặc không đầy đủ.");
    }

    #[test]
    fn a_guard_gets_no_advice_about_pictures() {
        for kind in [ProblemKind::WrongGuardTensors, ProblemKind::GuardNotFinite] {
            for lang in [Lang::En, Lang::Vi] {
                let ProblemText { what, advice } = problem_text(lang, &Problem::new(kind, "g", ""));
                for wrong in ["MobileNet", "EfficientNet", "attack", "tấn công"] {
                    assert!(!what.contains(wrong) && !advice.contains(wrong), "{what} {advice}");
                }
            }
        }
    }
}
