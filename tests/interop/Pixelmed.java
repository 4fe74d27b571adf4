import com.pixelmed.dicom.Attribute;
import com.pixelmed.dicom.AttributeList;
import com.pixelmed.dicom.TagFromName;
import com.pixelmed.validate.DicomInstanceValidator;
import com.pixelmed.validate.DicomSRValidator;

/** PixelMed's validators on many files, since making one takes 15 s: "FILE: " before each file's messages. */
class Pixelmed {
    public static void main(String[] files) throws Exception {
        DicomInstanceValidator objects = null;
        DicomSRValidator reports = null;
        for (String file : files) {
            System.out.println("FILE: " + file);
            try {
                AttributeList list = new AttributeList();
                list.read(file);
                String modality = Attribute.getSingleStringValueOrEmptyString(list, TagFromName.Modality);
                if (modality.equals("SR")) {
                    reports = reports == null ? new DicomSRValidator() : reports;
                    System.out.println(reports.validate(list));
                } else {
                    objects = objects == null ? new DicomInstanceValidator() : objects;
                    System.out.println(objects.validate(list));
                }
            } catch (Exception error) {
                System.out.println("Error: " + error);
            }
        }
    }
}
